using SimNet.Compute;
using SimNet.Models;
using SimNet.TorchSharp;

namespace SimNet.Benchmarks;

/// <summary>A network in inference or training: one row of the compute table.</summary>
/// <param name="Name">The network and what it does, such as <c>squeezenet1_0-infer</c>.</param>
/// <param name="Batch">Images in one call.</param>
internal sealed record ComputeWorkload(string Name, int Batch)
{
    /// <summary>The back end of <see cref="ManagedBackend"/>.</summary>
    public const string Managed = "managed";

    /// <summary>The back end of <see cref="TorchSharpBackend"/>.</summary>
    public const string TorchSharp = "torchsharp";

    /// <summary>All workloads, in the order of the table.</summary>
    public static IReadOnlyList<ComputeWorkload> All { get; } =
    [
        new("squeezenet1_0-infer", 1), new("squeezenet1_0-infer", 8),
        new("squeezenet1_1-infer", 1), new("squeezenet1_1-infer", 8),
        new("squeezenet1_0-train", 32),
        new("dae-train", 128),
        new("resnet18-infer", 1), new("resnet50-infer", 1), new("mobilenet_v2-infer", 1), new("mobilenet_v3_large-infer", 1),
        new("efficientnet_b0-infer", 1), new("densenet121-infer", 1), new("vgg11-infer", 1),
    ];

    /// <summary>The network's name, which torchvision and this library share.</summary>
    public string NetworkName => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>The ONNX file that the network is read from; null for a network of this library.</summary>
    public string? ModelFile { get; init; }

    /// <summary>Whether the network is one of this library's own.</summary>
    public bool IsBuiltIn => NetworkName is DenoisingAutoencoder.NetworkName or "squeezenet1_0" or "squeezenet1_1";

    /// <summary>Whether it trains; otherwise it infers.</summary>
    public bool Trains => Name.EndsWith("-train", StringComparison.Ordinal);

    /// <summary>
    /// Multiply-adds for one image as the layers define them. Training takes them three times: for the outputs, the gradients of the
    /// inputs and the gradients of the weights. The first layer needs no gradient of its input.
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

    private Model Model => field ??= OnnxFile.Read(ModelFile!);

    private Network Network => !IsBuiltIn ? Model.Network : NetworkName switch
    {
        // Ten classes in training and a thousand in inference, as the peers have.
        "squeezenet1_0" => SqueezeNet.Create(SqueezeNetVersion.V1_0, Trains ? 10 : 1000),
        "squeezenet1_1" => SqueezeNet.Create(SqueezeNetVersion.V1_1, Trains ? 10 : 1000),
        _ => DenoisingAutoencoder.Create(),
    };

    /// <summary>The median time for one image in this process, in milliseconds.</summary>
    /// <param name="backend"><see cref="Managed"/> or <see cref="TorchSharp"/>.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="warmUp">How long to compute before the clock starts.</param>
    public double Measure(string backend, int threads, TimeSpan warmUp)
    {
        Network network = Network;
        StateDict weights = IsBuiltIn ? WeightInitialization.Create(network, seed: 1) : Model.Weights;
        ITrainingBackend computes = CreateBackend(backend, threads);
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, Batch * network.InputShape.Length).Select(_ => random.NextSingle())];
        float[] output = new float[Batch * network.OutputShape.Length];
        if (!Trains)
        {
            using IInferenceSession inference = computes.CreateInferenceSession(network, weights, [network.Layers[^1].Name]);
            return StepTimer.Median(() => inference.Run(input, Batch, [output]), warmUp) / Batch;
        }

        bool classifies = NetworkName != DenoisingAutoencoder.NetworkName;
        float[] target = classifies ? new float[output.Length] : input;
        for (int i = 0; classifies && i < Batch; i++)
        {
            target[i * network.OutputShape.Length + i % network.OutputShape.Length] = 1;
        }

        using ITrainingSession training = computes.CreateTrainingSession(network, weights, new TrainingSessionOptions
        {
            Loss = classifies ? Loss.CrossEntropy : Loss.MeanSquaredError,
            Optimizer = classifies ? new Sgd() : new Adam(),
        });
        return StepTimer.Median(() => training.TrainStep(input, target, Batch, 1e-3f), warmUp) / Batch;
    }

    private static ITrainingBackend CreateBackend(string backend, int threads) => backend switch
    {
        Managed => new ManagedBackend(new ManagedBackendOptions { MaxThreads = threads }),
        TorchSharp => new TorchSharpBackend(new TorchSharpBackendOptions { Device = ComputeDevice.Cpu, MaxThreads = threads }),
        _ => throw new ArgumentException($"'{backend}' is not a back end; expected {Managed} or {TorchSharp}."),
    };
}
