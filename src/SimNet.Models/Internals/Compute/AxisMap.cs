namespace SimNet.Models;

/// <summary>
/// Which source positions each target position of a (transposed) convolution takes from, along one axis. Both kinds are the same
/// thing: the target positions fall into phases; in a phase every target takes from a run of neighbouring sources, weighted by a
/// fixed list of kernel taps.
/// </summary>
internal sealed class AxisMap
{
    private AxisMap(int length, int phases)
    {
        Phase = new int[length];
        Start = new int[length];
        Taps = new int[phases][];
    }

    /// <summary>For each target position its phase.</summary>
    public int[] Phase { get; }

    /// <summary>For each target position the first source position it takes from; may lie outside the source, where zeros are.</summary>
    public int[] Start { get; }

    /// <summary>For each phase the kernel positions that weigh the run, in the sources' order; empty where nothing reaches the phase.</summary>
    public int[][] Taps { get; }

    /// <summary>A convolution: target t takes from t * stride - padding on, with the whole kernel.</summary>
    public static AxisMap Convolution(int targetLength, int kernel, int stride, int padding)
    {
        var map = new AxisMap(targetLength, 1);
        map.Taps[0] = [.. Enumerable.Range(0, kernel)];
        for (int t = 0; t < targetLength; t++)
        {
            map.Start[t] = t * stride - padding;
        }

        return map;
    }

    /// <summary>
    /// A transposed convolution, gathered instead of spread: source q reaches target t by tap k where q * stride - padding + k = t.
    /// So with phase (t + padding) mod stride the taps are phase, phase + stride, ... and each further tap is one source back.
    /// </summary>
    public static AxisMap Transposed(int targetLength, int kernel, int stride, int padding)
    {
        var map = new AxisMap(targetLength, stride);
        for (int phase = 0; phase < stride; phase++)
        {
            int count = phase < kernel ? (kernel - phase + stride - 1) / stride : 0;
            map.Taps[phase] = new int[count];
            for (int i = 0; i < count; i++)
            {
                map.Taps[phase][i] = phase + stride * (count - 1 - i);
            }
        }

        for (int t = 0; t < targetLength; t++)
        {
            int phase = (t + padding) % stride;
            map.Phase[t] = phase;
            map.Start[t] = (t + padding) / stride - (map.Taps[phase].Length - 1);
        }

        return map;
    }
}
