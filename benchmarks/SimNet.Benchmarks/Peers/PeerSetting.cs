namespace SimNet.Benchmarks;

/// <summary>One way to build one peer's index.</summary>
/// <param name="Program">The program that measures it.</param>
/// <param name="Peer">The index, such as <c>faiss-hnsw</c>.</param>
/// <param name="Build">How it is built, such as <c>M=16,efC=200</c>.</param>
internal sealed record PeerSetting(string Program, string Peer, string Build);
