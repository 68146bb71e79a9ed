namespace SimNet.Benchmarks;

/// <summary>The libraries that users would search with instead, measured by <c>benchmarks/peers/index_peer.cpp</c>.</summary>
internal static class SearchPeers
{
    /// <summary>Stands for every peer that is set up.</summary>
    public const string All = "all";

    private static readonly string[] Libraries = ["annoy", "hnswlib", "faiss", "flann"];

    /// <summary>The settings of the peers with these names, in their order.</summary>
    /// <param name="folder">Where the peers are.</param>
    /// <param name="peers">Names such as <c>faiss-hnsw</c>, or <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">No peer that is set up has the name.</exception>
    public static PeerSetting[] Find(PeerFolder folder, string[] peers)
    {
        PeerSetting[] settings = [.. Libraries.Select(folder.IndexProgram).OfType<string>().SelectMany(Settings)];
        if (peers is [All])
        {
            return settings;
        }

        string[] known = [.. settings.Select(setting => setting.Peer).Distinct()];
        return peers.Except(known).FirstOrDefault() is { } unknown
            ? throw new ArgumentException($"{folder.FullPath} has no peer '{unknown}'; expected some of {string.Join(", ", known)}.")
            : [.. peers.SelectMany(peer => settings.Where(setting => setting.Peer == peer))];
    }

    private static IEnumerable<PeerSetting> Settings(string program) =>
        ChildProcess.Run(program, "list").Select(line => line.Split('\t')).Select(fields => new PeerSetting(program, fields[0], fields[1]));
}
