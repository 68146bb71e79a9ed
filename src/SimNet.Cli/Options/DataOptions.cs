using System.CommandLine;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>The options with which every verb that reads products says which: where they are, and which part of a seeded split.</summary>
internal sealed class DataOptions
{
    private readonly Option<string[]> _data = new("--data")
    {
        Required = true,
        HelpName = "PATH",
        Description = "A folder with a CSV that has a 'file' column, a folder of class folders of images, or images and labels in IDX files. May be given several times; products of one id are then one product with all its images.",
    };

    private readonly Option<double?> _testShare = new("--test-share") { HelpName = "SHARE", Description = "Share of the products that are held out as the test part: 0.2 unless told, of a split by label 0.1." };

    private readonly Option<int> _splitSeed = new("--split-seed") { HelpName = "N", Description = "Seed of the split into train and test part." };

    private readonly Option<string> _part = new("--part") { DefaultValueFactory = _ => "all", Description = "Which part of the split to take." };

    public DataOptions(Command command, bool choosesPart)
    {
        command.Options.Add(_data);
        if (choosesPart)
        {
            _part.AcceptOnlyFromAmong("all", "train", "test");
            command.Options.Add(_part);
        }

        command.Options.Add(_testShare);
        command.Options.Add(_splitSeed);
    }

    /// <summary>The products of the part asked for.</summary>
    public ProductCatalog Read(ParseResult result) => result.GetValue(_part) switch
    {
        "train" => ReadSplit(result).Train,
        "test" => ReadSplit(result).Test,
        _ => ReadAll(result),
    };

    /// <summary>The products of both parts.</summary>
    public (ProductCatalog Train, ProductCatalog Test) ReadSplit(ParseResult result) => ReadAll(result).Split(TestShare(result) ?? 0.2, SplitSeed(result));

    /// <summary>The products of all paths.</summary>
    public ProductCatalog ReadAll(ParseResult result) => result.GetRequiredValue(_data) is [var one] ? ProductCatalog.FromFolder(one)
        : ProductCatalog.Merge(result.GetRequiredValue(_data).Select(ProductCatalog.FromFolder));

    /// <summary>Null when not told.</summary>
    public double? TestShare(ParseResult result) => result.GetValue(_testShare);

    public int SplitSeed(ParseResult result) => result.GetValue(_splitSeed);
}
