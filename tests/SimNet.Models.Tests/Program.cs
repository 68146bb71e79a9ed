namespace SimNet.Models.Tests;

/// <summary>The entry point of the test assembly: the training run that <see cref="KilledRunTests"/> kills.</summary>
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

                // The test kills the process during some epoch. If the kill is late, the run waits here for input that never comes.
                if (record.Epoch == int.Parse(last, System.Globalization.CultureInfo.InvariantCulture))
                {
                    Console.In.ReadLine();
                }
            }
        }));
        return 0;
    }
}
