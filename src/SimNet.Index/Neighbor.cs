namespace SimNet.Index;

/// <summary>A row that a search found.</summary>
/// <param name="Id">The row's number in the index, from 0 to <see cref="IVectorIndex.IdLimit"/> − 1.</param>
/// <param name="Distance">Its distance to the query, in the index's <see cref="Metric"/>; smaller is nearer.</param>
public readonly record struct Neighbor(int Id, float Distance);
