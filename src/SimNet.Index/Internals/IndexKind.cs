namespace SimNet.Index;

/// <summary>What an index file holds.</summary>
internal enum IndexKind
{
    Exact = 1,
    Forest = 2,
    Graph = 3,
}
