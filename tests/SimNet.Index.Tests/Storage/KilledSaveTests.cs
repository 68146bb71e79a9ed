using System.Diagnostics;

namespace SimNet.Index.Tests;

public sealed class KilledSaveTests
{
    private const int Dimensions = 256;
    private const int Kills = 32;

    [Fact]
    public async Task A_process_killed_while_it_saves_leaves_the_old_file_or_the_new_one()
    {
        using var folder = new TemporaryFolder();
        Build(changes: 0, folder.File("index"));
        Build(changes: 5, folder.File("changed"));
        byte[][] states = [File.ReadAllBytes(folder.File("index")), File.ReadAllBytes(folder.File("changed"))];
        var random = new SeededRandom(1);
        int[] met = new int[states.Length];

        // Two at a time: most of it is waiting for a process to start.
        for (int kills = 0; kills < Kills; kills += 2)
        {
            await Task.WhenAll(KillOne(folder, "first", random.NextInt32(60)), KillOne(folder, "second", random.NextInt32(60)));
            foreach (string file in (string[])[folder.File("first"), folder.File("second")])
            {
                using IVectorIndex opened = VectorIndex.Open(file);
                Assert.Equal(opened.Count, TestData.Search(opened, new float[Dimensions], 1000).Length);
                byte[] left = File.ReadAllBytes(file);
                int state = Array.FindIndex(states, known => known.AsSpan().SequenceEqual(left));
                Assert.True(state >= 0, $"{left.Length} bytes that are no saved index");
                met[state]++;
            }
        }

        // Kills came at different times, or this shows nothing; and in the middle of a write, as what it left aside shows.
        Assert.All(met, count => Assert.InRange(count, 1, Kills - 1));
        Assert.Contains(folder.FileNames(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>What the process that is killed does: it saves one state over the other for ever.</summary>
    internal static void SaveForEver(string state, string otherState, string path)
    {
        var trusting = new IndexOpenOptions { VerifyContents = false };
        using IVectorIndex index = VectorIndex.Open(state, trusting), other = VectorIndex.Open(otherState, trusting);
        for (int round = 0; ; round++)
        {
            (round % 2 == 0 ? index : other).Save(path);
            if (round == 1)
            {
                Console.WriteLine("saving");
                Console.Out.Flush();
            }
        }
    }

    private static async Task KillOne(TemporaryFolder folder, string name, int milliseconds)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", typeof(KilledSaveTests).Assembly.Location, "save", folder.File("index"), folder.File("changed"), folder.File(name)]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("saving", await process.StandardOutput.ReadLineAsync());
            await Task.Delay(milliseconds);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.NotEqual(0, process.ExitCode);
    }

    private static void Build(int changes, string path)
    {
        using var index = new UpdatableIndex(ExactIndex.Build(TestData.Gaussian(800, Dimensions, 1), Dimensions, Metric.Euclidean));
        for (int change = 0; change < changes; change++)
        {
            index.Remove(100 * change);
            index.Add(TestData.Gaussian(1, Dimensions, 10 + change));
        }

        index.Save(path);
    }
}
