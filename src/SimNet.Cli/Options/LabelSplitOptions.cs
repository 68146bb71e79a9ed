using System.CommandLine;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>The options that say how labeled products are split into a train, a validation and a test part, the same for every verb: so what one trained on, another does not test on.</summary>
internal sealed class LabelSplitOptions
{
    private readonly Option<string?> _classes = new("--classes") { HelpName = "A,B,C", Description = "Take products with these values of the label alone." };

    private readonly Option<int> _minPerClass = new("--min-per-class") { HelpName = "N", Description = "Leave classes with fewer products out." };

    private readonly Option<int> _maxPerClass = new("--max-per-class") { HelpName = "N", Description = "Take at most so many products of a class; 0 for all." };

    private readonly Option<double> _validationShare = new("--validation-share") { DefaultValueFactory = _ => 0.1, HelpName = "SHARE", Description = "Share of each class to judge by during training." };

    private readonly DataOptions _data;

    public LabelSplitOptions(Command command, DataOptions data)
    {
        _data = data;
        command.Options.Add(_classes);
        command.Options.Add(_minPerClass);
        command.Options.Add(_maxPerClass);
        command.Options.Add(_validationShare);
    }

    /// <summary>The products with the label in three parts, those of other classes left out.</summary>
    public async Task<CatalogSplit> ReadAsync(ParseResult result, string label, CancellationToken cancellationToken)
    {
        var options = new CatalogSplitOptions { Label = label, Seed = _data.SplitSeed(result), ValidationShare = result.GetValue(_validationShare), TestShare = _data.TestShare(result) ?? 0.1 };
        CatalogSplit split = await CatalogSplit.CreateAsync(_data.ReadAll(result), options, cancellationToken);
        string[]? classes = result.GetValue(_classes)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return split.Select(classes, result.GetValue(_minPerClass), result.GetValue(_maxPerClass), options.Seed);
    }
}
