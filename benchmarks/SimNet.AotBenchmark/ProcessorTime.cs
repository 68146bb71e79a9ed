using System.Runtime;

namespace SimNet.AotBenchmark;

/// <summary>Measures processor time, which other programs on the machine change less than the clock's.</summary>
internal static class ProcessorTime
{
    // Until the JIT has compiled nothing for a while: what is hot has reached its last tier.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(20);
    private const int WarmUpCalls = 3;

    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(100);
    private const int Samples = 9;

    /// <summary>The least of a call's milliseconds, which other programs disturbed least.</summary>
    public static double Least(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        int calls = 0;
        long compiled = -1;
        TimeSpan used, compiledAt = default;
        do
        {
            action();
            calls++;
            used = Environment.CpuUsage.TotalTime - start;
            if (compiled != JitInfo.GetCompiledMethodCount())
            {
                compiled = JitInfo.GetCompiledMethodCount();
                compiledAt = used;
            }
        }
        while (calls < WarmUpCalls || used < WarmUp || (used - compiledAt < Quiet && used < LongestWarmUp));

        int repeats = Math.Max(1, (int)(calls * (Sample / used)));
        double least = double.PositiveInfinity;
        for (int i = 0; i < Samples; i++)
        {
            start = Environment.CpuUsage.TotalTime;
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                action();
            }

            least = Math.Min(least, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / repeats);
        }

        return least;
    }
}
