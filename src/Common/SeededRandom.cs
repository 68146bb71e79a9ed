using System.Numerics;

namespace SimNet;

/// <summary>
/// A small generator whose sequence is fixed for all time and platforms, unlike <see cref="Random"/>'s.
/// Any number of keys names a stream of its own (a seed, an epoch, a picture's number), so that work can be
/// split over threads without its result depending on the split.
/// </summary>
/// <remarks>xoshiro256** of Blackman and Vigna (2018), its state filled by splitmix64.</remarks>
internal struct SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>A stream named by its keys, in order.</summary>
    public SeededRandom(params ReadOnlySpan<long> keys)
    {
        ulong state = 0;
        foreach (long key in keys)
        {
            state = Mix(state + 0x9E3779B97F4A7C15 ^ (ulong)key);
        }

        _s0 = Mix(state += 0x9E3779B97F4A7C15);
        _s1 = Mix(state += 0x9E3779B97F4A7C15);
        _s2 = Mix(state += 0x9E3779B97F4A7C15);
        _s3 = Mix(state + 0x9E3779B97F4A7C15);
    }

    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="exclusiveMaximum"/>), which must be positive.</summary>
    public int NextInt32(int exclusiveMaximum)
    {
        // Lemire's multiply-shift; its bias of at most 2^-33 for 31-bit ranges is far below what any use here could see.
        return (int)(((NextUInt64() >> 32) * (ulong)exclusiveMaximum) >> 32);
    }

    /// <summary>Uniform in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, 1), with 24 random bits.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1.0f / (1 << 24));

    /// <summary>Normal with mean 0 and variance 1 (Box and Muller).</summary>
    public double NextGaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Fisher and Yates' shuffle.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
