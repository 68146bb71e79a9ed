using System.CommandLine;
using SimNet.Core;

namespace SimNet.Cli;

/// <summary>The options of every command that reads products: their location, and a part of a seeded split.</summary>
internal sealed class DataOptions
{
    private readonly Option<string[]> _data = new("--data")
    {
        Required = true,
        HelpName = "PATH",
        Description = "The products: a CSV file with a 'file' column, or its folder; a folder of images, or of folders for each category; "
            + "or images and labels in IDX files. If given several times, products with the same ID are merged.",
    };

    private readonly Option<double?> _testShare = new("--test-share")
    {
        HelpName = "SHARE",
        Description = "The share of products in the test part; 0.2 by default, or 0.1 if the split is by label.",
    };

    private readonly Option<int> _splitSeed = new("--split-seed") { HelpName = "N", Description = "The seed of the split." };

    private readonly Option<string> _part = new("--part")
    {
        DefaultValueFactory = _ => "all",
        Description = "The part of the split to use.",
    };

    /// <summary>What reading the products left out, once they are read.</summary>
    public CatalogReadReport Report { get; private set; } = CatalogReadReport.Empty;

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

    /// <summary>Reads the products of the selected part.</summary>
    public ProductCatalog Read(ParseResult result, Terminal terminal) => result.GetValue(_part) switch
    {
        "train" => ReadSplit(result, terminal).Train,
        "test" => ReadSplit(result, terminal).Test,
        _ => ReadAll(result, terminal),
    };

    /// <summary>Reads the products of both parts.</summary>
    public (ProductCatalog Train, ProductCatalog Test) ReadSplit(ParseResult result, Terminal terminal) =>
        ReadAll(result, terminal).Split(TestShare(result) ?? 0.2, SplitSeed(result));

    /// <summary>Reads the products of all paths, and warns of what is left out.</summary>
    public ProductCatalog ReadAll(ParseResult result, Terminal terminal)
    {
        string[] paths = result.GetRequiredValue(_data);
        ProductCatalog products =
            paths is [var path] ? ProductCatalog.FromFolder(path) : ProductCatalog.Merge(paths.Select(ProductCatalog.FromFolder));
        Report = products.ReadReport;
        terminal.Warn(Report);
        return products;
    }

    /// <summary>The share of the test part; <see langword="null"/> if it is not given.</summary>
    public double? TestShare(ParseResult result) => result.GetValue(_testShare);

    public int SplitSeed(ParseResult result) => result.GetValue(_splitSeed);
}
