// Prints the vector width, then runs all steps: reads images and a CSV file, trains, builds, saves, opens, queries and evaluates.
using SimNet;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;

string folder = args[0];
Console.WriteLine($"{VectorSupport.Bits} bits");
Directory.CreateDirectory(folder);
using (StreamWriter csv = File.CreateText(Path.Combine(folder, "products.csv")))
{
    csv.WriteLine("id,file,category");
    for (int i = 0; i < 24; i++)
    {
        // A bright square, whose position determines which products look alike.
        var pixels = new byte[32 * 32];
        for (int y = 12; y < 20; y++)
        {
            pixels.AsSpan((y * 32) + i, 8).Fill(230);
        }

        File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), PngEncoder.Encode(new Image(32, 32, 1, pixels)));
        csv.WriteLine($"p{i},{i}.png,squares");
    }
}

ProductCatalog products = ProductCatalog.FromFolder(folder);
var options = new AutoencoderTrainingOptions { ImageSize = 32, Epochs = 2, BatchSize = 8 };
AutoencoderTrainingResult trained = await AutoencoderTraining.TrainAsync(products, options: options);

// Tests that Protocol Buffers works when trimmed.
trained.Model.Save(Path.Combine(folder, "model.onnx"));
bool sameModel = Model.Load(Path.Combine(folder, "model.onnx")).Id == trained.Model.Id;
await using (SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
    .UseModel(trained.Model).UseIndex(IndexKind.Forest).AddProducts(products).BuildAsync())
{
    await engine.SaveAsync(Path.Combine(folder, "catalog.simnet"));
}

await using SimilarityEngine opened = await SimilarityEngine.OpenAsync(Path.Combine(folder, "catalog.simnet"));
Recommendation self = (await opened.FindSimilarAsync(Path.Combine(folder, "7.png"), count: 1))[0];
int others = (await opened.FindSimilarToProductAsync("p7", count: 100)).Count;
CatalogEvaluationReport report = await opened.EvaluateAsync(products);
int defaultDimensions = (await ImageEmbedder.Default.EmbedAsync(Path.Combine(folder, "7.png"))).Length;
Console.WriteLine($"{self.Product.Id} {self.Product.Category} {self.Distance:F3}, {others} others, "
    + $"precision {report.Retrieval.MeanPrecision:F2}, loss finite: {double.IsFinite(trained.History[^1].TrainingLoss)}, "
    + $"ONNX same: {sameModel}, default model {defaultDimensions}");
