namespace SimNet.Benchmarks;

/// <summary>One way to build one peer's index.</summary>
/// <param name="Program">The program that measures it.</param>
/// <param name="Peer">Which index.</param>
/// <param name="Build">How it is built.</param>
internal sealed record PeerSetting(string Program, string Peer, string Build);
