namespace SimNet.Benchmarks;

/// <summary>Fills a row.</summary>
/// <param name="row">The row, which may hold any values before.</param>
/// <param name="source">What it is generated from.</param>
internal delegate void RowGenerator(Span<float> row, RowSource source);
