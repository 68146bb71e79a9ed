using System.CommandLine;

namespace SimNet.Benchmarks;

/// <summary>The options about vectors: <c>--data</c>, <c>--dimensions</c>, <c>--query-file</c> and <c>--queries</c>.</summary>
internal sealed class VectorOptions
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "A folder with Fashion MNIST's IDX files, or a raw float32 file.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<int> _dimensions = OptionFactory.Number(
        "--dimensions", "Dimensions of a raw file's rows; 0 takes them from the end of its name, as in products-512.f32.", 0, minimum: 0);

    private readonly Option<string?> _queryFile = new("--query-file")
    {
        Description = "A raw float32 file of queries. Without it the last rows of the data's file are the queries.",
        HelpName = "FILE.f32",
    };

    private readonly Option<int> _queries;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="queries">How many queries it takes by default.</param>
    public VectorOptions(Command command, int queries = 1000)
    {
        _queries = OptionFactory.Number("--queries", "How many queries to take.", queries);
        command.Options.Add(_data);
        command.Options.Add(_dimensions);
        command.Options.Add(_queryFile);
        command.Options.Add(_queries);
    }

    /// <summary>Reads the vectors.</summary>
    public VectorSet Read(ParseResult result) => VectorSet.Read(
        result.GetRequiredValue(_data), result.GetValue(_queries), result.GetValue(_queryFile), result.GetValue(_dimensions));
}
