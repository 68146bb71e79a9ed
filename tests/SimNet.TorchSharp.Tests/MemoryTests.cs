using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp.Tests;

public sealed class MemoryTests
{
    private static readonly Network Tiny = new("tiny", new Shape(2, 6, 6),
    [
        new Conv2d("a", 4, 3) { Padding = new Padding2d(1, 0, 2, 1) }, new BatchNorm2d("a.norm"), new Relu("a.relu"),
        new MaxPool2d("pool", 2), new Dropout("drop"),
        new Conv2d("b", 3, 1), new Concat("join") { Inputs = ["pool", "b"] }, new GlobalAveragePool2d("average"),
    ]);

    [SkippableFact]
    public void Number_of_live_tensors_is_the_same_after_thousands_of_steps()
    {
        float[] input = NetworkData.Normal(4 * Tiny.InputShape.Length, 1);
        float[] target = NetworkData.Uniform(4 * Tiny.OutputShape.Length, 1);
        float[] output = new float[target.Length];
        using ITrainingSession session = Backends.Torch.CreateTrainingSession(
            Tiny,
            NetworkData.Weights(Tiny, 1),
            new TrainingSessionOptions
            {
                Loss = Loss.CrossEntropy,
                MaxGradientNorm = 1,
                KeepZeros = true,
                Optimizer = new Adam { WeightDecay = 0.1f },
            });
        Run(10);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Run(1500);

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

        void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                session.TrainStep(input, target, 4, 1e-3f, output);
                session.Evaluate(input, target, 4, output);
                if (step % 100 == 0)
                {
                    session.Restore(session.ExportWeights(), session.ExportOptimizerState());
                    using var canceled = new CancellationTokenSource();
                    canceled.Cancel();
                    Assert.Throws<OperationCanceledException>(() => session.TrainStep(input, target, 4, 1e-3f, output, canceled.Token));
                }
            }
        }
    }

    [SkippableFact]
    public void Disposed_session_leaves_no_live_tensor()
    {
        float[] input = NetworkData.Normal(2 * Tiny.InputShape.Length, 1), output = new float[2 * Tiny.OutputShape.Length];
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (ITrainingSession session = Backends.Torch.CreateTrainingSession(
            Tiny, NetworkData.Weights(Tiny, 1), new TrainingSessionOptions { Loss = Loss.CrossEntropy, KeepZeros = true }))
        {
            session.TrainStep(input, new float[output.Length], 2, 0.1f);
        }

        using (IInferenceSession session = Backends.Torch.CreateInferenceSession(Tiny, NetworkData.Weights(Tiny, 1), ["average"]))
        {
            session.Run(input, 2, [output]);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [SkippableFact]
    public void Sessions_outlive_the_dispose_scope_of_the_caller()
    {
        float[] input = NetworkData.Normal(2 * Tiny.InputShape.Length, 1), output = new float[2 * Tiny.OutputShape.Length];
        StateDict weights = NetworkData.Weights(Tiny, 1);
        ITrainingSession training;
        IInferenceSession inference;
        using (DisposeScope scope = NewDisposeScope())
        {
            training = Backends.Torch.CreateTrainingSession(
                Tiny, weights, new TrainingSessionOptions { Loss = Loss.CrossEntropy, KeepZeros = true });
            inference = Backends.Torch.CreateInferenceSession(Tiny, weights, ["average"]);
        }

        training.TrainStep(input, new float[output.Length], 2, 0.1f);
        inference.Run(input, 2, [output]);
        training.Dispose();
        inference.Dispose();
    }

    /// <summary>
    /// TorchSharp's scalars are objects that the garbage collector may finalize while native code still reads them, unless they are kept
    /// alive.
    /// </summary>
    [SkippableFact]
    public void Results_are_bitwise_identical_during_garbage_collections()
    {
        var network = new Network("numbers", new Shape(2, 6, 6),
        [
            .. Tiny.Layers, new HardSigmoid("hard"), new LeakyRelu("leaky"), new Clip("clip"), new HardSwish("swish"), new Silu("silu"),
            new Softmax("softmax"),
            new Multiply("product") { Inputs = ["silu", "softmax"] }, new Add("sum") { Inputs = ["product", "clip"] },
            new AveragePool2d("pool.padded", 2) { Padding = new Padding2d(0, 1, 1, 0), Stride = 2, CountIncludePadding = false },
        ]);
        float[] input = NetworkData.Normal(4 * network.InputShape.Length, 1);
        float[] target = NetworkData.Uniform(4 * network.OutputShape.Length, 1);
        Optimizer[] optimizers = [new Adam { WeightDecay = 0.1f, DecoupledWeightDecay = true }, new Sgd { WeightDecay = 0.1f }];
        StateDict[] expected = [.. optimizers.Select(Train)];
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (int run = 0; run < 20; run++)
            {
                Assert.Null(StateDictComparison.FirstDifference(expected[run % 2], Train(optimizers[run % 2])));
            }
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }

        StateDict Train(Optimizer optimizer)
        {
            var options = new TrainingSessionOptions
            {
                Loss = new CrossEntropy { LabelSmoothing = 0.1f, ClassWeights = [1, 2, 1, 2, 1, 2, 1] },
                MaxGradientNorm = 0.01f,
                KeepZeros = true,
                Optimizer = optimizer,
            };
            using ITrainingSession session = Backends.Torch.CreateTrainingSession(network, NetworkData.Weights(network, 1), options);
            for (int step = 0; step < 60; step++)
            {
                session.TrainStep(input, target, 4, 1e-3f);
            }

            return session.ExportWeights();
        }
    }
}
