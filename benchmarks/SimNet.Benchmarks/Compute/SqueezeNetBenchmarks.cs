using BenchmarkDotNet.Attributes;
using SimNet.Compute;
using SimNet.Models;

namespace SimNet.Benchmarks;

/// <summary>
/// SqueezeNet at 224x224 with 10 classes; times are for one image. At 250 GFLOP/s the multiply-adds alone, counted as the layers define
/// them, take a core 5.9 ms for version 1.0's forward pass and 16 ms for its training step, 2.1 ms and 6.2 ms for version 1.1's.
/// </summary>
public class SqueezeNetBenchmarks
{
    private const int Batch = 8;
    private const int Classes = 10;

    private float[] _images = null!;
    private float[] _target = null!;
    private float[] _output = null!;
    private ITrainingSession _training = null!;
    private IInferenceSession _inference = null!;

    [Params("squeezenet1_0", "squeezenet1_1", "esimnet")]
    public string Name { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Network network = Name switch
        {
            "squeezenet1_0" => SqueezeNet.Create(SqueezeNetVersion.V1_0, Classes),
            "squeezenet1_1" => SqueezeNet.Create(SqueezeNetVersion.V1_1, Classes),
            _ => SqueezeNet.CreateESimNet(Classes),
        };
        StateDict weights = WeightInitialization.Create(network, seed: 1);
        var backend = new ManagedBackend(new ManagedBackendOptions { MaxThreads = Threads });
        var random = new Random(1);
        _images = [.. Enumerable.Range(0, Batch * network.InputShape.Length).Select(_ => random.NextSingle())];
        _output = new float[Batch * Classes];
        _target = new float[Batch * Classes];
        for (int i = 0; i < Batch; i++)
        {
            _target[i * Classes + i] = 1;
        }

        var options = new TrainingSessionOptions { Loss = Loss.CrossEntropy, Optimizer = new Sgd() };
        _training = backend.CreateTrainingSession(network, weights, options);
        _inference = backend.CreateInferenceSession(network, weights, [network.Layers[^1].Name]);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _training.Dispose();
        _inference.Dispose();
    }

    [Benchmark]
    public void InferOne() => _inference.Run(_images.AsMemory(0, _images.Length / Batch), 1, [_output.AsMemory(0, Classes)]);

    [Benchmark(OperationsPerInvoke = Batch)]
    public void Infer() => _inference.Run(_images, Batch, [_output]);

    [Benchmark(OperationsPerInvoke = Batch)]
    public float TrainStep() => _training.TrainStep(_images, _target, Batch, 1e-4f);
}
