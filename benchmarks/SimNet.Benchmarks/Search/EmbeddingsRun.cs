using System.Diagnostics;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary>Embeds a catalog's pictures to a raw float32 file for the search runs.</summary>
internal static class EmbeddingsRun
{
    public static async Task ExecuteAsync(string folder, string outFile, string model, int dimensions)
    {
        long start = Stopwatch.GetTimestamp();
        (float[] rows, dimensions) = await PictureEmbeddings.ReadAsync(folder, model, dimensions);
        VectorFile.Write<float>(outFile, rows);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            file = outFile,
            pictures = rows.Length / dimensions,
            dimensions,
            seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        }));
    }
}
