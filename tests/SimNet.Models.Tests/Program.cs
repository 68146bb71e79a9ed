namespace SimNet.Models.Tests;

/// <summary>What the test assembly does when run by itself: the training run that <see cref="KilledRunTests"/> kills.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["train", string checkpoint, string last])
        {
            return 2;
        }

        await KilledRunTests.TrainAsync(checkpoint, new ProgressList(report =>
        {
            if (report.CompletedEpoch is { } record)
            {
                Console.WriteLine(record.Epoch);
                Console.Out.Flush();

                // The test kills the process in the middle of some epoch. If it is late, the run waits here for a line that never comes.
                if (record.Epoch == int.Parse(last, System.Globalization.CultureInfo.InvariantCulture))
                {
                    Console.In.ReadLine();
                }
            }
        }));
        return 0;
    }
}
