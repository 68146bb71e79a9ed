using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>One row of the compute table: a network, inferred or trained. Measures this library's own time for it, in this process.</summary>
/// <param name="Name">What the row is called, such as <c>squeezenet1_0-infer</c>.</param>
/// <param name="Batch">Pictures in one call.</param>
internal sealed record ComputeWork(string Name, int Batch)
{
    /// <summary>On one core the compiler waits for seconds before it makes its best code.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(8);

    public static IReadOnlyList<ComputeWork> All { get; } =
    [
        new("squeezenet1_0-infer", 1), new("squeezenet1_0-infer", 8),
        new("squeezenet1_1-infer", 1), new("squeezenet1_1-infer", 8),
        new("squeezenet1_0-train", 32),
        new("dae-train", 128),
        new("resnet18-infer", 1), new("resnet50-infer", 1), new("mobilenet_v2-infer", 1), new("mobilenet_v3_large-infer", 1), new("efficientnet_b0-infer", 1), new("densenet121-infer", 1), new("vgg11-infer", 1),
    ];

    /// <summary>The network's name as torchvision and this library have it.</summary>
    public string NetworkName => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>The file that the network is read from, where this library has no network of the name itself; null for its own.</summary>
    public string? ModelFile { get; init; }

    /// <summary>What computes: <c>managed</c>, or <c>torchsharp</c> where the build has it.</summary>
    public string Backend { get; init; } = "managed";

    private Model Model => field ??= OnnxFile.Read(ModelFile!);

    public bool IsOwn => NetworkName.StartsWith("squeezenet", StringComparison.Ordinal) || NetworkName == DenoisingAutoencoder.NetworkName;

    public bool Trains => Name.EndsWith("-train", StringComparison.Ordinal);

    private Network Network => !IsOwn ? Model.Network : NetworkName switch
    {
        // Ten classes in training, a thousand in inference, as the peers.
        "squeezenet1_0" => SqueezeNet.Create(SqueezeNetVersion.V1_0, Trains ? 10 : 1000),
        "squeezenet1_1" => SqueezeNet.Create(SqueezeNetVersion.V1_1, Trains ? 10 : 1000),
        _ => DenoisingAutoencoder.Create(),
    };

    /// <summary>
    /// Multiply-adds for one picture as the layers define them. Training takes them three times, for the outputs, the inputs' gradients
    /// and the weights'; the first layer has no gradient of its input to make.
    /// </summary>
    public double MultiplyAdds
    {
        get
        {
            Network network = Network;
            double[] layers = [.. network.Layers.Select((layer, i) => layer switch
            {
                Conv2d => (double)network.ParametersByLayer[i][0].Count / network.OutputShapes[i].Channels * network.OutputShapes[i].Length,
                ConvTranspose2d => (double)network.ParametersByLayer[i][0].Count * Pixels(network.OutputShapes[network.Sources[i][0]]),
                _ => 0,
            })];
            return Trains ? 3 * layers.Sum() - layers.First(count => count > 0) : layers.Sum();

            static int Pixels(Shape shape) => shape.Height * shape.Width;
        }
    }

    /// <summary>The median time for one picture, in milliseconds.</summary>
    public double Measure(int threads)
    {
        Network network = Network;
        StateDict weights = IsOwn ? WeightInitialization.Create(network, seed: 1) : Model.Weights;
        ITrainingBackend backend = CreateBackend(threads);
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, Batch * network.InputShape.Length).Select(_ => random.NextSingle())];
        float[] output = new float[Batch * network.OutputShape.Length];
        if (!Trains)
        {
            using IInferenceSession inference = backend.CreateInferenceSession(network, weights, [network.Layers[^1].Name]);
            return Median(() => inference.Run(input, Batch, [output]));
        }

        bool classifies = NetworkName != DenoisingAutoencoder.NetworkName;
        float[] target = classifies ? new float[output.Length] : input;
        for (int i = 0; classifies && i < Batch; i++)
        {
            target[i * network.OutputShape.Length + i % network.OutputShape.Length] = 1;
        }

        using ITrainingSession training = backend.CreateTrainingSession(network, weights, new TrainingSessionOptions
        {
            Loss = classifies ? Loss.CrossEntropy : Loss.MeanSquaredError,
            Optimizer = classifies ? new Sgd() : new Adam(),
        });
        return Median(() => training.TrainStep(input, target, Batch, 1e-3f));
    }

    [SuppressMessage("Performance", "CA1859:Use concrete types when possible for improved performance", Justification = "Builds with TorchSharp have a second kind.")]
    private ITrainingBackend CreateBackend(int threads) => Backend switch
    {
        "managed" => new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }),
#if TORCHSHARP
        "torchsharp" => new SimNet.TorchSharp.TorchSharpBackend(new SimNet.TorchSharp.TorchSharpBackendOptions { Device = ComputeDevice.Cpu, MaxThreads = threads }),
#endif
        _ => throw new ArgumentException($"There is no back end '{Backend}' in this build; -p:WithTorchSharp=cpu brings torchsharp."),
    };

    private double Median(Action step)
    {
        Repeat(WarmUp);
        List<double> times = Repeat(Measuring);
        times.Sort();
        return times[times.Count / 2] / Batch;

        List<double> Repeat(TimeSpan span)
        {
            var milliseconds = new List<double>();
            for (long begin = Stopwatch.GetTimestamp(); milliseconds.Count < 5 || Stopwatch.GetElapsedTime(begin) < span;)
            {
                long start = Stopwatch.GetTimestamp();
                step();
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return milliseconds;
        }
    }
}
