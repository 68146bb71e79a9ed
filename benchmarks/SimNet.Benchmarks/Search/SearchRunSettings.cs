namespace SimNet.Benchmarks;

/// <summary>Which indexes a search run measures, and how.</summary>
/// <param name="Ours">SimNet's indexes and the baselines, each with one way to build it.</param>
/// <param name="Peers">The peers' indexes, likewise.</param>
/// <param name="Threads">Threads that build and that search at once, each on a core of its own.</param>
/// <param name="WarmUpSeconds">How long each of SimNet's processes searches before the clock starts.</param>
internal sealed record SearchRunSettings(
    IReadOnlyList<IndexSetting> Ours, IReadOnlyList<PeerSetting> Peers, int Threads, int WarmUpSeconds);
