namespace SimNet.Benchmarks;

/// <summary>What one row of a hard set is generated from: its number and a random stream of its own.</summary>
/// <param name="seed">The seed of the set.</param>
/// <param name="number">The number of the row; held-out rows continue after the last row of the set.</param>
/// <param name="count">The number of rows of the set, without held-out ones.</param>
internal sealed class RowSource(long seed, int number, int count)
{
    private const long RowStream = 0;
    private const long SharedStream = 1;

    private SeededRandom _random = new(seed, RowStream, number);

    public int Number => number;

    public int Count => count;

    public bool IsHeldOut => number >= count;

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => _random.NextDouble();

    /// <summary>Uniform in [0, <paramref name="exclusiveMaximum"/>).</summary>
    public int NextInt32(int exclusiveMaximum) => _random.NextInt32(exclusiveMaximum);

    /// <summary>Normally distributed with mean 0 and variance 1.</summary>
    public double NextGaussian() => _random.NextGaussian();

    /// <summary>A stream that is the same for all rows of the set, such as that of a cluster's center.</summary>
    public SeededRandom Shared(int key) => new(seed, SharedStream, key);

    /// <summary>The source of another row.</summary>
    public RowSource Of(int otherNumber) => new(seed, otherNumber, count);
}
