using System.Numerics;

namespace SimNet.Compute;

/// <summary>
/// The geometry of a convolution or transposed convolution along one axis: which source positions contribute to each target
/// position. Both operators have the same (polyphase) form: target positions fall into phases, and every target of a phase is the sum
/// over a run of evenly spaced sources, weighted by a fixed list of kernel taps.
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

    /// <summary>The phase of each target position.</summary>
    public int[] Phase { get; }

    /// <summary>The first source position of each target position's run; may lie outside the source, in the zero padding.</summary>
    public int[] Start { get; }

    /// <summary>
    /// The kernel taps of each phase, in the order of the sources; -1 for a source that has no weight, and an empty list for a phase that
    /// no source contributes to.
    /// </summary>
    public int[][] Taps { get; }

    /// <summary>Distance between consecutive sources of a run; 1 without dilation.</summary>
    public int Step { get; }

    /// <summary>
    /// A convolution: the run of target t starts at t * stride - padding, takes every dilation-th source, and uses all kernel taps.
    /// </summary>
    public static ConvolutionAxis Convolution(int targetLength, int kernel, int stride, int padding, int dilation)
        => new(
            new int[targetLength],
            [.. Enumerable.Range(0, targetLength).Select(t => t * stride - padding)],
            [[.. Enumerable.Range(0, kernel)]],
            dilation);

    /// <summary>
    /// A transposed convolution in gather form: source q contributes to target t through tap k if q * stride - padding + k * dilation = t.
    /// For the phase (t + padding) mod stride, the first tap is the smallest k for which k * dilation mod stride is the phase. With g the
    /// greatest common divisor of stride and dilation, each further tap is stride / g later in the kernel and dilation / g sources earlier.
    /// </summary>
    public static ConvolutionAxis Transposed(int targetLength, int kernel, int stride, int padding, int dilation)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(stride, dilation);
        int[][] taps = [.. Enumerable.Range(0, stride).Select(phase => Enumerable.Range(0, kernel)
            .Where(k => k * dilation % stride == phase).Reverse().ToArray())];
        int[] phases = [.. Enumerable.Range(0, targetLength).Select(t => (t + padding) % stride)];
        int[] start =
        [
            .. Enumerable.Range(0, targetLength)
                .Select(t => taps[phases[t]] is [int last, ..] ? (t + padding - last * dilation) / stride : 0),
        ];
        return new ConvolutionAxis(phases, start, taps, dilation / divisor);
    }

    /// <summary>The same axis with runs of adjacent sources; those between the weighted sources have no weight.</summary>
    public ConvolutionAxis WithoutGaps() => Step == 1 ? this : new ConvolutionAxis(
        Phase,
        Start,
        [.. Taps.Select(taps => taps.SelectMany((tap, i) => i == 0 ? [tap] : Enumerable.Repeat(-1, Step - 1).Append(tap)).ToArray())],
        1);

    /// <summary>Number of source positions that a target's run spans; 0 if no source contributes to it.</summary>
    public int Reach(int target) => Taps[Phase[target]].Length is > 0 and int count ? (count - 1) * Step + 1 : 0;
}
