using System.Numerics;

namespace SimNet.Compute;

/// <summary>
/// Which source positions each target position of a (transposed) convolution takes from, along one axis. Both kinds are the same
/// thing: the target positions fall into phases; in a phase every target takes from a run of evenly spaced sources, weighted by a
/// fixed list of kernel taps.
/// </summary>
internal sealed class ConvolutionAxis
{
    private ConvolutionAxis(int[] phase, int[] start, int[][] taps, int step)
    {
        Phase = phase;
        Start = start;
        Taps = taps;
        Step = step;
    }

    /// <summary>For each target position its phase.</summary>
    public int[] Phase { get; }

    /// <summary>For each target position the first source position it takes from; may lie outside the source, where zeros are.</summary>
    public int[] Start { get; }

    /// <summary>For each phase the kernel positions that weigh the run, in the sources' order, -1 for a source without weight; empty where nothing reaches the phase.</summary>
    public int[][] Taps { get; }

    /// <summary>From one source of a run to the next; 1 without dilation.</summary>
    public int Step { get; }

    /// <summary>A convolution: target t takes from t * stride - padding on, every dilation-th source, with the whole kernel.</summary>
    public static ConvolutionAxis Convolution(int targetLength, int kernel, int stride, int padding, int dilation)
        => new(
            new int[targetLength],
            [.. Enumerable.Range(0, targetLength).Select(t => t * stride - padding)],
            [[.. Enumerable.Range(0, kernel)]],
            dilation);

    /// <summary>
    /// A transposed convolution, gathered instead of spread: source q reaches target t by tap k where q * stride - padding + k * dilation = t.
    /// So with phase (t + padding) mod stride the first tap is the least k for which k * dilation has this phase. With g the greatest common divisor
    /// of stride and dilation each further tap is stride / g on in the kernel and dilation / g sources back.
    /// </summary>
    public static ConvolutionAxis Transposed(int targetLength, int kernel, int stride, int padding, int dilation)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(stride, dilation);
        int[][] taps = [.. Enumerable.Range(0, stride).Select(phase => Enumerable.Range(0, kernel)
            .Where(k => k * dilation % stride == phase).Reverse().ToArray())];
        int[] phases = [.. Enumerable.Range(0, targetLength).Select(t => (t + padding) % stride)];
        int[] start = [.. Enumerable.Range(0, targetLength).Select(t => taps[phases[t]] is [int last, ..] ? (t + padding - last * dilation) / stride : 0)];
        return new ConvolutionAxis(phases, start, taps, dilation / divisor);
    }

    /// <summary>The same with runs of neighbouring sources, those between the weighted ones without weight.</summary>
    public ConvolutionAxis WithoutGaps() => Step == 1 ? this : new ConvolutionAxis(
        Phase,
        Start,
        [.. Taps.Select(taps => taps.SelectMany((tap, i) => i == 0 ? [tap] : Enumerable.Repeat(-1, Step - 1).Append(tap)).ToArray())],
        1);

    /// <summary>Number of source positions from a target's first to its last; 0 where nothing reaches it.</summary>
    public int Reach(int target) => Taps[Phase[target]].Length is > 0 and int count ? (count - 1) * Step + 1 : 0;
}
