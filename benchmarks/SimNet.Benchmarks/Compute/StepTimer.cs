using System.Diagnostics;

namespace SimNet.Benchmarks;

/// <summary>Times a step that repeats.</summary>
internal static class StepTimer
{
    private const int MinimumSteps = 5;
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(8);

    /// <summary>The median of a step's times, in milliseconds, over eight seconds and at least five steps.</summary>
    /// <param name="step">The step.</param>
    /// <param name="warmUp">How long to repeat it first. On one core the JIT compiler takes seconds until its best code runs.</param>
    public static double Median(Action step, TimeSpan warmUp)
    {
        Repeat(warmUp);
        List<double> times = Repeat(Measuring);
        times.Sort();
        return times[times.Count / 2];

        List<double> Repeat(TimeSpan span)
        {
            var milliseconds = new List<double>();
            for (long begin = Stopwatch.GetTimestamp(); milliseconds.Count < MinimumSteps || Stopwatch.GetElapsedTime(begin) < span;)
            {
                long start = Stopwatch.GetTimestamp();
                step();
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return milliseconds;
        }
    }
}
