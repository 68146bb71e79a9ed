using System.Globalization;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary>
/// The compute table: each work on one thread and on two, ours and the peer in turn, each in a process of its own so that its peak
/// memory is its own; one JSON line a row with the medians of the rounds.
/// </summary>
internal static class ComputeRun
{
    public static void Execute(string? peersFolder, int rounds, string? only, string backend)
    {
        double flopsPerCore = ArithmeticLimit.Measure();
        ComputePeers? peers = peersFolder is null ? null : new ComputePeers(peersFolder);
        foreach (ComputeWork listed in ComputeWork.All.Where(work => only is null || work.Name == only))
        {
            ComputeWork work = listed.IsOwn ? listed : listed with { ModelFile = TorchvisionModel.FileOf(listed.NetworkName) };
            foreach (int threads in (int[])[1, 2])
            {
                var ours = new List<ChildResult>();
                var theirs = new List<ChildResult>();
                for (int round = 0; round < rounds; round++)
                {
                    ours.Add(Child.Run(threads, Environment.ProcessPath!, [.. Child.Self, "compute-work", work.Name, Text(threads), Text(work.Batch), backend, .. work.ModelFile is null ? Array.Empty<string>() : [work.ModelFile]]));
                    if (peers is not null)
                    {
                        theirs.Add(peers.Run(work, threads));
                    }
                }

                double oursMs = Median(ours.Select(result => result.MillisecondsPerPicture));
                double? peerMs = peers is null ? null : Median(theirs.Select(result => result.MillisecondsPerPicture));
                double floorMs = 2 * work.MultiplyAdds / (flopsPerCore * threads) * 1e3;
                Console.WriteLine(JsonSerializer.Serialize(new
                {
                    work = work.Name,
                    threads,
                    batch = work.Batch,
                    backend,
                    ours_ms = Math.Round(oursMs, 3),
                    peer_ms = peerMs is null ? (double?)null : Math.Round(peerMs.Value, 3),
                    speedup = peerMs is null ? (double?)null : Math.Round(peerMs.Value / oursMs, 2),
                    peak_share = Math.Round(floorMs / oursMs, 3),
                    core_gflops = Math.Round(flopsPerCore / 1e9),
                    ours_peak_mb = ours.Max(result => result.PeakMegabytes),
                    peer_peak_mb = peers is null ? (long?)null : theirs.Max(result => result.PeakMegabytes),
                }));
            }
        }
    }

    /// <summary>One measurement of ours, for <see cref="Execute"/> to start as a process.</summary>
    public static void ExecuteWork(string name, int threads, int batch, string backend, string? modelFile) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        ms_per_image = new ComputeWork(name, batch) { ModelFile = modelFile, Backend = backend }.Measure(threads),
    }));

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
