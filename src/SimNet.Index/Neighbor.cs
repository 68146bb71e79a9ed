namespace SimNet.Index;

/// <summary>A row found by a search.</summary>
/// <param name="Id">The ID of the row in the index; 0 to <see cref="IVectorIndex.IdLimit"/> - 1.</param>
/// <param name="Distance">The distance to the query, in the index's <see cref="Metric"/>; smaller is nearer.</param>
public readonly record struct Neighbor(int Id, float Distance);
