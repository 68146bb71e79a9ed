using System.CommandLine;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary>
/// <c>compute</c>: networks in inference and training, SimNet and the peer in turn, each in a process of its own; a JSON line for each
/// workload and number of threads, with the medians of the rounds.
/// </summary>
internal static class ComputeCommand
{
    public static Command Create()
    {
        string[] known = [.. ComputeWorkload.All.Select(workload => workload.Name).Distinct()];
        Option<CommaSeparated<string>> workloads = OptionFactory.Names("--workload", "What to measure.", known, known);
        Option<CommaSeparated<int>> threads = OptionFactory.Numbers(
            "--threads", "Numbers of threads to measure, each thread on its own core.", 1, 2);
        Option<int> rounds = OptionFactory.Number("--rounds", "How often each side is measured, in turn; the medians count.", 3);
        Option<int> warmUp = OptionFactory.Number("--warm-up", "Seconds of computing before the clock starts.", 12, minimum: 0);
        var backend = new Option<string>("--backend")
        {
            Description = "What computes on SimNet's side. torchsharp needs a build with -p:WithLibTorch=true.",
            DefaultValueFactory = _ => ComputeWorkload.Managed,
        };
        backend.AcceptOnlyFromAmong(ComputeWorkload.Managed, ComputeWorkload.TorchSharp);
        var command = new Command("compute", "Infer and train networks, beside ONNX Runtime and PyTorch.")
        {
            workloads, threads, rounds, warmUp, backend,
        };
        var peers = new PeerOptions(command);
        command.SetAction(result =>
        {
            string[] names = result.GetRequiredValue(workloads).Values;
            Execute(
                [.. ComputeWorkload.All.Where(workload => names.Contains(workload.Name))],
                peers.Read(result) is { } folder ? new ComputePeers(folder) : null,
                result.GetRequiredValue(backend),
                result.GetRequiredValue(threads).Values,
                result.GetValue(rounds),
                result.GetValue(warmUp));
        });
        return command;
    }

    /// <summary>The hidden command that measures one workload in this process.</summary>
    public static Command CreateWorker()
    {
        var name = new Argument<string>("workload");
        var batch = new Argument<int>("batch");
        var threads = new Argument<int>("threads");
        var warmUp = new Argument<int>("warm-up");
        var backend = new Argument<string>("backend");
        var model = new Argument<string?>("model") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(ComputeMeasurement.WorkerCommand) { name, batch, threads, warmUp, backend, model };
        command.Hidden = true;
        command.SetAction(result =>
        {
            var workload = new ComputeWorkload(result.GetRequiredValue(name), result.GetValue(batch))
            {
                ModelFile = result.GetValue(model),
            };
            string program = result.GetRequiredValue(backend);
            bool isPeer = program == OnnxRuntimePeer.Backend;
            var span = TimeSpan.FromSeconds(result.GetValue(warmUp));
            double milliseconds = isPeer
                ? OnnxRuntimePeer.Measure(workload.ModelFile!, workload.Batch, result.GetValue(threads), span)
                : workload.Measure(program, result.GetValue(threads), span);
            program = isPeer ? OnnxRuntimePeer.Name : program;
            Console.WriteLine(JsonSerializer.Serialize(new { program, ms_per_image = milliseconds }));
        });
        return command;
    }

    private static void Execute(
        ComputeWorkload[] workloads, ComputePeers? peers, string backend, int[] threadCounts, int rounds, int warmUpSeconds)
    {
        double flopsPerCore = PeakFlops.Measure();
        foreach (ComputeWorkload listed in workloads)
        {
            if (!listed.IsBuiltIn && peers is null)
            {
                Console.Error.WriteLine($"{listed.Name} is left out: its network comes from torchvision, which the peers include.");
                continue;
            }

            ComputeWorkload workload = listed.IsBuiltIn ? listed : listed with { ModelFile = peers!.ModelFile(listed.NetworkName) };
            foreach (int threads in threadCounts)
            {
                var ours = new List<ComputeMeasurement>();
                var theirs = new List<ComputeMeasurement>();
                for (int round = 0; round < rounds; round++)
                {
                    ours.Add(ComputeMeasurement.RunWorker(workload, threads, warmUpSeconds, backend));
                    if (peers is not null)
                    {
                        theirs.Add(peers.Run(workload, threads, warmUpSeconds));
                    }
                }

                double oursMs = Median(ours);
                double? peerMs = peers is null ? null : Median(theirs);
                double limitMs = 2 * workload.MultiplyAdds / (flopsPerCore * threads) * 1e3;
                Console.WriteLine(JsonSerializer.Serialize(new
                {
                    workload = workload.Name,
                    batch = workload.Batch,
                    threads,
                    backend,
                    ours_ms = Math.Round(oursMs, 3),
                    peer = theirs.FirstOrDefault()?.Program,
                    peer_ms = Round(peerMs, 3),
                    speedup = Round(peerMs / oursMs, 2),
                    peak_share = Math.Round(limitMs / oursMs, 3),
                    core_gflops = Math.Round(flopsPerCore / 1e9),
                    ours_peak_mb = ours.Max(result => result.PeakMegabytes),
                    peer_peak_mb = peers is null ? (long?)null : theirs.Max(result => result.PeakMegabytes),
                }));
            }
        }
    }

    private static double? Round(double? value, int digits) => value is { } number ? Math.Round(number, digits) : null;

    private static double Median(IEnumerable<ComputeMeasurement> results)
    {
        double[] sorted = [.. results.Select(result => result.MillisecondsPerImage).Order()];
        return sorted[sorted.Length / 2];
    }
}
