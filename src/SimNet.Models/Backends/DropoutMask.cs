using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>
/// The values that <see cref="Dropout"/> drops, the same on every back end. The mask is a function of seed, step, sample and layer, so
/// the backward pass draws it again instead of keeping it.
/// </summary>
/// <remarks>
/// Each 64-bit number of the random sequence decides over two values, its lower half first; a value is dropped where the half is below
/// the rate times 2^32.
/// </remarks>
[Experimental(ExperimentalFeatures.Backends)]
public static class DropoutMask
{
    // Keeps these numbers apart from others that are drawn from the same seed.
    private const long Stream = 2;

    /// <summary>Applies the mask of one sample to its values in the forward pass, or to their gradients in the backward pass.</summary>
    /// <param name="dropout">The layer.</param>
    /// <param name="layer">The layer's index in its network.</param>
    /// <param name="seed">The session's seed.</param>
    /// <param name="step">The number of the training step, from 0.</param>
    /// <param name="sample">The sample's place in its batch.</param>
    /// <param name="values">The sample's values, channels last (HWC).</param>
    /// <param name="result">The result, of the same length; may be <paramref name="values"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="result"/> is shorter than <paramref name="values"/>.</exception>
    public static void Apply(
        Dropout dropout, int layer, int seed, long step, int sample, ReadOnlySpan<float> values, Span<float> result)
    {
        ArgumentNullException.ThrowIfNull(dropout);
        if (result.Length < values.Length)
        {
            throw new ArgumentException($"{result.Length} results for {values.Length} values.", nameof(result));
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
