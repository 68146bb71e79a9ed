// Trains a network on a shop's own labels, measures it on products held out, and recommends with its embedding.
using SimNet.Core;
using SimNet.Embeddings;

if (args is not [string products, string model, .. string[] stage])
{
    Console.Error.WriteLine("Usage: TrainOnLabels PRODUCTS MODEL [SIZE EPOCHS]");
    Console.Error.WriteLine("PRODUCTS is a folder with one subfolder of images for each class, MODEL the .onnx file to write.");
    return 1;
}

TrainingStage training = stage is [string size, string epochs]
    ? new TrainingStage(int.Parse(size), int.Parse(epochs))
    : new TrainingStage(112, 20);

// Stratified by class; products that show the same image stay in one part.
ProductCatalog catalog = ProductCatalog.FromFolder(products);
CatalogSplit split = await CatalogSplit.CreateAsync(catalog, new CatalogSplitOptions { Label = Product.CategoryLabel });

ClassifierTrainingResult result = await ClassifierTraining.TrainAsync(split, new ClassifierTrainingOptions { Stages = [training] });
result.Model.Save(model);
Console.WriteLine($"Trained on {result.TrainingProducts} products, best epoch {result.Epoch}.");
Console.WriteLine($"Accuracy on {split.Test.Count} test products: {result.Test?.Scores.Accuracy:P1}");

// The same file classifies images ...
using ImageClassifier classifier = ImageClassifier.Load(model);
Product first = split.Test[0];
foreach (ClassProbability candidate in await classifier.ClassifyAsync(ImageOf(first), count: 3))
{
    Console.WriteLine($"{first.Id} is {candidate.Class} with probability {candidate.Probability:F2}");
}

// ... and embeds them.
await using SimilarityEngine engine = await SimilarityEngine.CreateBuilder()
    .UseModel(model)
    .AddProducts(split.Training)
    .BuildAsync();
foreach (Recommendation similar in await engine.FindSimilarAsync(ImageOf(first), count: 3))
{
    Console.WriteLine($"{first.Id} looks like {similar.Product.Id}: {similar.Distance:F3}");
}

return 0;

static ImageSource ImageOf(Product product) => product.Images[0];
