using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SimNet.Core;

/// <summary>The metrics of the engine, in the meter <c>SimNet.Core</c>. They cost nothing unless a listener is attached.</summary>
internal static class Telemetry
{
    private static readonly Meter Meter = new("SimNet.Core");

    private static readonly Histogram<double> QueryDuration = Meter.CreateHistogram<double>(
        "simnet.query.duration",
        unit: "s",
        description: "The duration of one search in the index of a catalog, without embedding the image.");

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
