using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SimNet.Core;

/// <summary>The engine's instruments, under the meter name <c>SimNet.Core</c>. They cost nothing while nobody listens.</summary>
internal static class Telemetry
{
    private static readonly Meter Meter = new("SimNet.Core");

    private static readonly Histogram<double> QueryDuration =
        Meter.CreateHistogram<double>("simnet.query.duration", unit: "s", description: "Time of one search in a catalog's index, without reading the image.");

    public static QueryTiming StartQuery() => new(QueryDuration.Enabled ? Stopwatch.GetTimestamp() : 0);

    public readonly struct QueryTiming(long start) : IDisposable
    {
        public void Dispose()
        {
            if (start != 0)
            {
                QueryDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
}
