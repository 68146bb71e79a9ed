using System.Diagnostics;

namespace SimNet.Compute.Tests;

public sealed class StepCancellationTests
{
    private static readonly Network ESimNet = SqueezeNet.CreateESimNet(2, 64);

    [Fact]
    public void Canceled_step_leaves_weights_statistics_and_optimizer_unchanged()
    {
        const int Count = 24;
        float[] input = NetworkData.Normal(Count * ESimNet.InputShape.Length, 1), target = NetworkData.Uniform(Count * 2, 1);
        using ITrainingSession session = Create(), untouched = Create();
        session.TrainStep(input, target, Count, 1e-3f);
        untouched.TrainStep(input, target, Count, 1e-3f);

        // On a busy machine, step times vary by a factor of ten. The shortest so far determines when to cancel.
        TimeSpan step = TimeSpan.MaxValue;
        int stopped = 0;
        for (int attempt = 0; attempt < 1000 && stopped < 3; attempt++)
        {
            if (attempt % 8 == 0)
            {
                var clock = Stopwatch.StartNew();
                session.TrainStep(input, target, Count, 1e-3f);
                step = clock.Elapsed < step ? clock.Elapsed : step;
                untouched.TrainStep(input, target, Count, 1e-3f);
            }

            TimeSpan moment = step * (1 + attempt % 8) / 10;
            StateDict weights = session.ExportWeights(), state = session.ExportOptimizerState();
            using var cancellation = new CancellationTokenSource();

            // A dedicated thread: timers fire on the thread pool, which the step keeps busy.
            var canceler = new Thread(() =>
            {
                Thread.Sleep(moment);
                cancellation.Cancel();
            });
            canceler.Start();
            try
            {
                session.TrainStep(input, target, Count, 1e-3f, default, cancellation.Token);
                untouched.TrainStep(input, target, Count, 1e-3f);
            }
            catch (OperationCanceledException)
            {
                stopped++;
                Assert.Null(StateDictComparison.FirstDifference(weights, session.ExportWeights()));
                Assert.Null(StateDictComparison.FirstDifference(state, session.ExportOptimizerState()));
            }

            canceler.Join();
        }

        Assert.True(stopped > 0, $"no step of {step} was canceled");

        // The next complete step gives the same result as without the canceled ones.
        Assert.Equal(untouched.TrainStep(input, target, Count, 1e-3f), session.TrainStep(input, target, Count, 1e-3f));
        Assert.Null(StateDictComparison.FirstDifference(untouched.ExportWeights(), session.ExportWeights()));
    }

    [Fact]
    public void Token_canceled_in_advance_stops_before_the_first_sample()
    {
        using ITrainingSession session = Create();
        float[] input = NetworkData.Normal(2 * ESimNet.InputShape.Length, 1);
        Assert.Throws<OperationCanceledException>(
            () => session.TrainStep(input, new float[4], 2, 1e-3f, default, new CancellationToken(canceled: true)));
        Assert.Throws<OperationCanceledException>(
            () => session.Evaluate(input, new float[4], 2, default, new CancellationToken(canceled: true)));
    }

    private static ITrainingSession Create() => new ManagedBackend().CreateTrainingSession(
        ESimNet, WeightInitialization.Create(ESimNet, 1), new TrainingSessionOptions { Loss = Loss.CrossEntropy });
}
