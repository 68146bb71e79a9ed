namespace SimNet.Models.Tests;

/// <summary>What the test assembly does when run by itself: the training run that <see cref="KilledRunTests"/> kills.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["train", string checkpoint])
        {
            return 2;
        }

        await KilledRunTests.TrainAsync(checkpoint, new ProgressList(report =>
        {
            if (report.CompletedEpoch is { } record)
            {
                Console.WriteLine(record.Epoch);
                Console.Out.Flush();

                // Time for the test to read the line and kill the process before the run is over.
                Thread.Sleep(20);
            }
        }));
        return 0;
    }
}
