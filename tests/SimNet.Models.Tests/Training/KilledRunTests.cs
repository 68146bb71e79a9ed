using System.Diagnostics;

namespace SimNet.Models.Tests;

public class KilledRunTests
{
    /// <summary>A run of many short epochs, so that it is killed in the middle.</summary>
    internal static Task<TrainingResult> TrainAsync(string? checkpoint, IProgress<TrainingProgress>? progress = null) =>
        new Trainer(new ManagedBackend()).TrainAsync(DenoisingAutoencoder.Create(8), new ShapeImages(24, size: 8), null, new TrainerOptions
        {
            Epochs = 60,
            BatchSize = 8,
            Schedule = new CosineSchedule(),
            CheckpointPath = checkpoint,
            Resume = checkpoint is not null,
        }, progress);

    [Fact]
    public async Task A_killed_and_resumed_run_ends_with_identical_weights()
    {
        using var folder = new TemporaryFolder();
        TrainingResult whole = await TrainAsync(null);
        int killedAfter = 0;
        for (int kills = 0; kills < 2; kills++)
        {
            // The process waits after epoch 28 or 56, so it is killed within the run even if the kill is late.
            string last = $"{28 * (kills + 1)}";
            using Process process = Process.Start(new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                ["exec", typeof(KilledRunTests).Assembly.Location, "train", folder["run"], last])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            try
            {
                for (int epochs = 0; epochs < 5; epochs++)
                {
                    killedAfter = int.Parse(
                        (await process.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
                }
            }
            finally
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            Assert.NotEqual(0, process.ExitCode);
        }

        TrainingResult resumed = await TrainAsync(folder["run"]);

        Assert.True(killedAfter >= 10, "The second process did not resume from the checkpoint of the first one.");
        Assert.InRange(resumed.ResumedFromEpoch, killedAfter, 56);
        Assert.Null(StateDictComparison.FirstDifference(whole.Weights, resumed.Weights));
        Assert.Equal(whole.History.Select(r => r with { Elapsed = default }), resumed.History.Select(r => r with { Elapsed = default }));
    }
}
