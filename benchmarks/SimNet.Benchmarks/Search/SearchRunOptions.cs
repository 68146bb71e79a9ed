using System.CommandLine;

namespace SimNet.Benchmarks;

/// <summary>The options of the commands that measure searches: <c>--index</c>, <c>--threads</c>, <c>--warm-up</c> and the peers'.</summary>
internal sealed class SearchRunOptions
{
    private readonly Option<CommaSeparated<string>> _index;
    private readonly Option<int> _threads = OptionFactory.Number("--threads", "Threads that build and search, each on its own core.", 1);
    private readonly Option<int> _warmUp = OptionFactory.Number(
        "--warm-up", "Seconds that each process of SimNet's searches before the clock starts.", 12, minimum: 0);
    private readonly Option<CommaSeparated<string>> _peer;
    private readonly PeerOptions _peers;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="kinds">The kinds of index that it measures by default.</param>
    /// <param name="peers">The peers that it measures by default.</param>
    public SearchRunOptions(Command command, string[] kinds, string[] peers)
    {
        _index = IndexSetting.CreateOption(kinds);
        _peer = OptionFactory.Names(
            "--peer", "Which peers to measure: annoy, hnswlib, faiss-flat, faiss-ivf, faiss-hnsw, flann, or all that are set up.", peers);
        command.Options.Add(_index);
        command.Options.Add(_threads);
        command.Options.Add(_warmUp);
        command.Options.Add(_peer);
        _peers = new PeerOptions(command);
    }

    /// <summary>The settings that the arguments ask for.</summary>
    /// <exception cref="ArgumentException">There is no such peer.</exception>
    public SearchRunSettings Read(ParseResult result) => new(
        [.. IndexSetting.OfKinds(result.GetRequiredValue(_index).Values)],
        _peers.Read(result) is { } folder ? SearchPeers.Find(folder, result.GetRequiredValue(_peer).Values) : [],
        result.GetValue(_threads),
        result.GetValue(_warmUp));
}
