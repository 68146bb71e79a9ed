using System.Diagnostics;

namespace SimNet.Index.Tests;

public sealed class KilledSaveTests
{
    private const int Dimensions = 256;
    private const int MinKills = 32;
    private const int MaxKills = 320;

    [Fact]
    public async Task A_process_killed_during_a_save_leaves_the_old_or_the_new_file()
    {
        using var folder = new TemporaryFolder();
        Build(changes: 0, folder.File("index"));
        Build(changes: 5, folder.File("changed"));
        byte[][] states = [File.ReadAllBytes(folder.File("index")), File.ReadAllBytes(folder.File("changed"))];
        var random = new SeededRandom(1);
        int[] left = new int[states.Length];

        // Kills must leave both states, and must interrupt a write, which leaves a temporary file. On a busy machine that may take more of
        // them. They come after a different number of saves, because a slow disk may take longer for a save than the longest delay.
        // Two at a time, because most of the time is spent waiting for a process to start.
        for (int kills = 0; kills < MinKills || (kills < MaxKills && !IsComplete()); kills += 2)
        {
            await Task.WhenAll(
                KillOne(folder, "first", saves: 2, random.NextInt32(60)), KillOne(folder, "second", saves: 3, random.NextInt32(60)));
            foreach (string file in (string[])[folder.File("first"), folder.File("second")])
            {
                using IVectorIndex opened = VectorIndex.Open(file);
                Assert.Equal(opened.Count, TestData.Search(opened, new float[Dimensions], 1000).Length);
                byte[] bytes = File.ReadAllBytes(file);
                int state = Array.FindIndex(states, known => known.AsSpan().SequenceEqual(bytes));
                Assert.True(state >= 0, $"{bytes.Length} bytes that are not a saved index");
                left[state]++;
            }
        }

        Assert.All(left, count => Assert.NotEqual(0, count));
        Assert.Contains(folder.FileNames, IsTemporary);

        bool IsComplete() => left.All(count => count > 0) && folder.FileNames.Any(IsTemporary);

        static bool IsTemporary(string name) => name.EndsWith(".tmp", StringComparison.Ordinal);
    }

    /// <summary>The work of the process that is killed: it alternates between saving two states to the same path.</summary>
    internal static void SaveForever(string state, string otherState, string path)
    {
        var trusting = new IndexOpenOptions { VerifyContents = false };
        using IVectorIndex index = VectorIndex.Open(state, trusting), other = VectorIndex.Open(otherState, trusting);
        for (int round = 0; ; round++)
        {
            (round % 2 == 0 ? index : other).Save(path);
            if (round < 3)
            {
                Console.WriteLine("saved");
                Console.Out.Flush();
            }
        }
    }

    private static async Task KillOne(TemporaryFolder folder, string name, int saves, int milliseconds)
    {
        string assembly = typeof(KilledSaveTests).Assembly.Location;
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", assembly, "save", folder.File("index"), folder.File("changed"), folder.File(name)])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            for (int save = 0; save < saves; save++)
            {
                Assert.Equal("saved", await process.StandardOutput.ReadLineAsync());
            }

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
