using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace SimNet.Benchmarks;

/// <summary><c>embeddings</c>: embeds a catalog's images to a raw float32 file, which the search commands read.</summary>
internal static class EmbeddingsCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "A folder with a catalog of products: a CSV with a column 'file', or a folder of images for each class.",
            HelpName = "DIR",
            Required = true,
        };
        var output = new Option<string>("--out")
        {
            Description = "The raw float32 file to write. Let its name end with the dimensions, as in products-512.f32.",
            HelpName = "FILE.f32",
            Required = true,
        };
        var model = new Option<string>("--model")
        {
            Description = "A model file, or default for the model that comes with the library.",
            DefaultValueFactory = _ => ImageEmbeddings.DefaultModel,
        };
        Option<int> dimensions = OptionFactory.Number(
            "--dimensions", "Dimensions that the vectors are projected to; 0 for the model's own.", 0, minimum: 0);
        var command = new Command("embeddings", "Embed a catalog's images to a file for the search commands.")
        {
            data, output, model, dimensions,
        };
        command.SetAction((result, _) => ExecuteAsync(
            result.GetRequiredValue(data), result.GetRequiredValue(output), result.GetRequiredValue(model), result.GetValue(dimensions)));
        return command;
    }

    private static async Task ExecuteAsync(string folder, string file, string model, int dimensions)
    {
        long start = Stopwatch.GetTimestamp();
        (float[] rows, dimensions) = await ImageEmbeddings.ReadAsync(folder, model, dimensions);
        VectorFile.Write<float>(file, rows);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            file,
            images = rows.Length / dimensions,
            dimensions,
            seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        }));
    }
}
