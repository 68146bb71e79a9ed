namespace SimNet.AotBenchmark;

/// <summary>Measures processor time, which other programs on the machine change less than the clock's.</summary>
internal static class ProcessorTime
{
    // Enough for the JIT to have compiled what is hot a second time.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private const int WarmUpCalls = 3;

    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(100);
    private const int Samples = 7;

    /// <summary>The median of a call's milliseconds.</summary>
    public static double Median(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        int calls = 0;
        do
        {
            action();
            calls++;
        }
        while (calls < WarmUpCalls || Environment.CpuUsage.TotalTime - start < WarmUp);

        int repeats = Math.Max(1, (int)(calls * (Sample / (Environment.CpuUsage.TotalTime - start))));
        var times = new double[Samples];
        for (int i = 0; i < Samples; i++)
        {
            start = Environment.CpuUsage.TotalTime;
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                action();
            }

            times[i] = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / repeats;
        }

        Array.Sort(times);
        return times[Samples / 2];
    }
}
