using System.CommandLine;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>
/// The options for splitting labeled products into a training, a validation and a test part. They are the same for every command, so that
/// one command never tests on products that another has trained on.
/// </summary>
internal sealed class LabelSplitOptions
{
    private readonly Option<string?> _classes = new("--classes")
    {
        HelpName = "A,B,C",
        Description = "Use only products with these values of the label.",
    };

    private readonly Option<int> _minPerClass = new("--min-per-class")
    {
        HelpName = "N",
        Description = "Leave out classes with fewer products.",
    };

    private readonly Option<int> _maxPerClass = new("--max-per-class")
    {
        HelpName = "N",
        Description = "The largest number of products to use of a class; 0 for no limit.",
    };

    private readonly Option<double> _validationShare = new("--validation-share")
    {
        DefaultValueFactory = _ => 0.1,
        HelpName = "SHARE",
        Description = "The share of each class to evaluate on during training.",
    };

    private readonly DataOptions _data;
    private readonly ImageOptions _images;

    public LabelSplitOptions(Command command, DataOptions data, ImageOptions images)
    {
        _data = data;
        _images = images;
        command.Options.Add(_classes);
        command.Options.Add(_minPerClass);
        command.Options.Add(_maxPerClass);
        command.Options.Add(_validationShare);
    }

    /// <summary>Reads the products with a label and splits those of the selected classes.</summary>
    public async Task<CatalogSplit> ReadAsync(
        ParseResult result, string label, Terminal terminal, CancellationToken cancellationToken)
    {
        var options = new CatalogSplitOptions
        {
            Label = label,
            Seed = _data.SplitSeed(result),
            ValidationShare = result.GetValue(_validationShare),
            TestShare = _data.TestShare(result) ?? 0.1,
            NearDuplicates = _images.CreateNearDuplicateOptions(result),
        };
        CatalogSplit split = await CatalogSplit.CreateAsync(_data.ReadAll(result, terminal), options, cancellationToken);
        string[]? classes = result.GetValue(_classes)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return split.Select(classes, result.GetValue(_minPerClass), result.GetValue(_maxPerClass), options.Seed);
    }
}
