using System.Diagnostics;

namespace SimNet.Compute.Tests;

public sealed class StepCancellationTests
{
    private static readonly Network ESimNet = SqueezeNet.CreateESimNet(2, 64);

    [Fact]
    public void A_step_given_up_in_the_middle_leaves_weights_statistics_and_optimizer_as_before()
    {
        const int Count = 24;
        float[] input = NetworkData.Normal(Count * ESimNet.InputShape.Length, 1), target = NetworkData.Uniform(Count * 2, 1);
        using ITrainingSession session = Create(), untouched = Create();
        session.TrainStep(input, target, Count, 1e-3f);
        untouched.TrainStep(input, target, Count, 1e-3f);

        // On a busy machine one step may take ten times as long as the next. The shortest so far decides when to cancel.
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

            // A thread of its own: timers fire on the pool's, which the step keeps busy.
            var canceller = new Thread(() =>
            {
                Thread.Sleep(moment);
                cancellation.Cancel();
            });
            canceller.Start();
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

            canceller.Join();
        }

        Assert.True(stopped > 0, $"no step of {step} was stopped");

        // The next whole step is the one that would have come.
        Assert.Equal(untouched.TrainStep(input, target, Count, 1e-3f), session.TrainStep(input, target, Count, 1e-3f));
        Assert.Null(StateDictComparison.FirstDifference(untouched.ExportWeights(), session.ExportWeights()));
    }

    [Fact]
    public void A_token_cancelled_before_stops_before_the_first_sample()
    {
        using ITrainingSession session = Create();
        float[] input = NetworkData.Normal(2 * ESimNet.InputShape.Length, 1);
        Assert.Throws<OperationCanceledException>(() => session.TrainStep(input, new float[4], 2, 1e-3f, default, new CancellationToken(canceled: true)));
        Assert.Throws<OperationCanceledException>(() => session.Evaluate(input, new float[4], 2, default, new CancellationToken(canceled: true)));
    }

    private static ITrainingSession Create() => new ManagedBackend().CreateTrainingSession(
        ESimNet, WeightInitialization.Create(ESimNet, 1), new TrainingSessionOptions { Loss = Loss.CrossEntropy });
}
