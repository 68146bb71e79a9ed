using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// Computes the mask that <see cref="Dropout"/> applies, the same on every back end. The mask is a function of seed, step, sample, and
/// layer, so the backward pass regenerates it instead of storing it.
/// </summary>
/// <remarks>
/// Each 64-bit number of the random sequence determines two values, its lower half first. A value is dropped if its half is less than
/// the rate times 2^32.
/// </remarks>
[Experimental(ExperimentalFeatures.Backends)]
public static class DropoutMask
{
    // Makes this sequence independent of others drawn from the same seed.
    private const long Stream = 2;

    /// <summary>Applies the mask of one sample to its values in the forward pass, or to their gradients in the backward pass.</summary>
    /// <param name="dropout">The layer.</param>
    /// <param name="layer">The layer's index in its network.</param>
    /// <param name="seed">The seed of the session.</param>
    /// <param name="step">The number of the training step, from 0.</param>
    /// <param name="sample">The index of the sample in its batch.</param>
    /// <param name="values">The values of the sample, channels last (HWC).</param>
    /// <param name="result">Receives the result; at least as long as <paramref name="values"/>, and may be the same span.</param>
    /// <exception cref="ArgumentException"><paramref name="result"/> is shorter than <paramref name="values"/>.</exception>
    public static void Apply(
        Dropout dropout, int layer, int seed, long step, int sample, ReadOnlySpan<float> values, Span<float> result)
    {
        ArgumentNullException.ThrowIfNull(dropout);
        if (result.Length < values.Length)
        {
            throw new ArgumentException($"The result has length {result.Length}; expected at least {values.Length}.", nameof(result));
        }

        var random = new SeededRandom(Stream, seed, step, sample, layer);
        uint threshold = (uint)(dropout.Rate * (double)(1L << 32));
        float factor = (float)(1 / (1 - (double)dropout.Rate));
        ulong bits = 0;
        for (int i = 0; i < values.Length; i++)
        {
            bits = (i & 1) == 0 ? random.NextUInt64() : bits >> 32;
            result[i] = (uint)bits < threshold ? 0 : values[i] * factor;
        }
    }
}
