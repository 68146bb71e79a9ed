using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SimNet.Compute;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>One walk from images to a report: draw or read, train, index, recommend, measure, show.</summary>
internal sealed class DemoRun(Terminal terminal)
{
    private const int RecommendationCount = 5;
    private const int ImageSize = 64;

    /// <summary>Small, because a catalog of this size gives few batches: 32 takes four times the steps of the default in the same time.</summary>
    private const int BatchSize = 32;
    private const int FewestProducts = 20;
    private const int MostQueriesShown = 12;
    private const int ReconstructionsShown = 8;

    private readonly List<DemoReportData.Stage> _stages = [];
    private string _label = "";

    /// <summary>Product images to use; null to draw a catalog.</summary>
    public required string? Data { get; init; }

    /// <summary>The label by which a recommendation is right; null to choose one.</summary>
    public required string? AskedLabel { get; init; }

    /// <summary>Where everything is written.</summary>
    public required string Folder { get; init; }

    public required int ProductCount { get; init; }

    public required int Epochs { get; init; }

    public required int Seed { get; init; }

    public async Task<DemoSummary> RunAsync(CancellationToken cancellationToken)
    {
        if (ProductCount < FewestProducts)
        {
            throw new ArgumentException($"{ProductCount} products are too few to train on and to hold some out; expected at least {FewestProducts}.");
        }

        long start = Stopwatch.GetTimestamp();
        ProductCatalog products = await StageAsync("Images", _ => Task.Run(ReadOrDraw, cancellationToken));
        _label = ChooseLabel(products);
        (ProductCatalog training, ProductCatalog held) = products.Split(share: 0.2, Seed);

        AutoencoderTrainingResult trained = await StageAsync("Training", show => AutoencoderTraining.TrainAsync(
            training,
            held,
            new AutoencoderTrainingOptions { ImageSize = ImageSize, Epochs = Epochs, BatchSize = BatchSize, Seed = Seed },
            TrainCommand.Shown(terminal, show),
            cancellationToken: cancellationToken));
        string modelPath = Path.Combine(Folder, "model.onnx"), catalogPath = Path.Combine(Folder, "catalog.simnet");
        trained.Model.Save(modelPath);

        await using (SimilarityEngine built = await StageAsync("Indexing", show => SimilarityEngine.CreateBuilder()
            .UseModel(modelPath).UseIndex(IndexKind.Forest).AddProducts(training).BuildAsync(IndexCommand.Shown(show), cancellationToken)))
        {
            await StageAsync("Saving", async _ =>
            {
                await built.SaveAsync(catalogPath, cancellationToken);
                return true;
            });
        }

        // What follows asks the catalog as it was saved.
        await using SimilarityEngine engine = await StageAsync("Opening", _ => SimilarityEngine.OpenAsync(catalogPath, cancellationToken: cancellationToken));
        var options = new CatalogEvaluationOptions { Label = _label, Count = RecommendationCount };
        CatalogEvaluationReport learned = await StageAsync("Evaluating", show =>
            engine.EvaluateAsync(held, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));
        await using SimilarityEngine readyEngine = await StageAsync("Ready-made model, indexing", show => SimilarityEngine.CreateBuilder()
            .UseIndex(IndexKind.Exact).AddProducts(training).BuildAsync(IndexCommand.Shown(show), cancellationToken));
        CatalogEvaluationReport readyMade = await StageAsync("Ready-made model, evaluating", show =>
            readyEngine.EvaluateAsync(held, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));
        await using SimilarityEngine pixelEngine = await StageAsync("Raw pixels, indexing", show => SimilarityEngine.CreateBuilder()
            .UseModel(PixelModel.Create(ImageSize)).UseIndex(IndexKind.Exact).AddProducts(training).BuildAsync(IndexCommand.Shown(show), cancellationToken));
        CatalogEvaluationReport pixels = await StageAsync("Raw pixels, evaluating", show =>
            pixelEngine.EvaluateAsync(held, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));

        string reportPath = Path.GetFullPath(Path.Combine(Folder, "report.html"));
        var summary = new DemoSummary
        {
            Report = reportPath,
            Model = modelPath,
            Catalog = catalogPath,
            Label = _label,
            ReconstructionAccuracy = trained.History[^1].ValidationMetric ?? 0,
            Learned = EvaluateReport.From(catalogPath, engine, options, learned),
            ReadyMade = EvaluateReport.From(null, readyEngine, options, readyMade) with { Model = ModelArgument.Default },
            RawPixels = EvaluateReport.From("raw pixels", pixelEngine, options, pixels),
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        DemoReportData report = await DescribeAsync(summary, products, trained, engine, readyEngine, Readable(held, learned.Failures), cancellationToken);
        AtomicFile.Write(reportPath, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(DemoReport.Render(report));
        });
        return summary;
    }

    /// <summary>The label asked for; else the category; else the attribute that most products have with several, but not ever new, values.</summary>
    private string ChooseLabel(ProductCatalog products)
    {
        IReadOnlyList<string> names = products.LabelNames;
        if (AskedLabel is not null)
        {
            return products.Any(product => product.GetLabel(AskedLabel) is not null) ? AskedLabel
                : throw new ArgumentException($"No product has the label '{AskedLabel}'; known are {string.Join(", ", names.DefaultIfEmpty("none"))}.");
        }

        return names.Contains(Product.CategoryLabel) ? Product.CategoryLabel
            : names.Select(name => (Name: name, Values: products.Select(product => product.GetLabel(name)).OfType<string>().ToArray()))
                .Where(label => label.Values.Distinct(StringComparer.Ordinal).Count() is var kinds and > 1 && kinds <= products.Count / 2)
                .OrderByDescending(label => label.Values.Length).Select(label => label.Name).FirstOrDefault()
            ?? throw new ArgumentException("The products have no label to judge recommendations by; put them into a folder for each category, or give a CSV with a 'category' column.");
    }

    private static ProductCatalog Readable(ProductCatalog products, IEnumerable<ImageFailure> failures)
    {
        HashSet<string> failed = [.. failures.Select(failure => failure.ProductId)];
        return new ProductCatalog(products.Where(product => !failed.Contains(product.Id)));
    }

    private ProductCatalog ReadOrDraw()
    {
        if (Data is not null)
        {
            ProductCatalog all = ProductCatalog.FromFolder(Data);
            return all.Count <= ProductCount ? all : all.Split((double)ProductCount / all.Count, Seed).Second;
        }

        // Written as a shop would have them, so that every other verb can be tried on the same folder.
        string folder = Path.Combine(Folder, "products"), images = Path.Combine(folder, "images");
        Directory.CreateDirectory(images);
        var rows = new string[ProductCount];
        Parallel.For(0, ProductCount, i =>
        {
            DrawnProduct product = DrawnCatalog.DrawOne(i, Seed);
            File.WriteAllBytes(Path.Combine(images, product.Id + ".png"), PngEncoder.Encode(product.Image));
            rows[i] = $"{product.Id},images/{product.Id}.png,{product.Category},{product.Color},{product.Pattern}";
        });
        File.WriteAllLines(Path.Combine(folder, "products.csv"), [$"id,file,{Product.CategoryLabel},color,pattern", .. rows]);
        return ProductCatalog.FromFolder(folder);
    }

    private async Task<T> StageAsync<T>(string name, Func<Action<double, string>, Task<T>> work)
    {
        long start = Stopwatch.GetTimestamp();
        T result = await terminal.WithProgressAsync(name, work);
        _stages.Add(new DemoReportData.Stage(name, Stopwatch.GetElapsedTime(start).TotalSeconds));
        return result;
    }

    private async Task<DemoReportData> DescribeAsync(
        DemoSummary summary, ProductCatalog products, AutoencoderTrainingResult trained, SimilarityEngine engine, SimilarityEngine readyEngine, ProductCatalog held, CancellationToken cancellationToken)
    {
        // One query of each label, as far as there is room.
        Product[] asked = [.. held.Where(product => product.GetLabel(_label) is not null).DistinctBy(product => product.GetLabel(_label), StringComparer.Ordinal)
            .OrderBy(product => product.GetLabel(_label), StringComparer.Ordinal).Take(MostQueriesShown)];
        var queries = new List<DemoReportData.Query>();
        foreach (Product product in asked)
        {
            queries.Add(new DemoReportData.Query(Shown(product.Images[0]), Caption(product), await AnswerAsync(engine, product), await AnswerAsync(readyEngine, product)));
        }

        (IReadOnlyList<DemoReportData.Reconstruction> reconstructions, IReadOnlyList<DemoReportData.FeatureMaps> features, Image featuresOf) = LookInside(trained.Model, asked);
        ImageEmbedder ready = readyEngine.Embedder;
        string caution = Data is null ? "" : " If these are among the images it was made from, its figures say little about new ones.";
        string count = summary.Learned.Count.ToString(CultureInfo.InvariantCulture);
        return new DemoReportData
        {
            Title = "Products that look like this one",
            Introduction = string.Create(CultureInfo.InvariantCulture,
                $"AutoSimNet's denoising autoencoder learned from {trained.TrainingImages:N0} images without a label, in {Epochs} epochs; {trained.ValidationImages:N0} images it had never seen then asked for their like. The same images asked the ready-made model that comes with the library, which learns nothing here.{caution}"),
            Facts =
            [
                new("Images", Data is null ? $"{products.Count} drawn from seed {Seed}" : $"{products.Count} of {Data}"),
                new("Judged by", _label),
                new("Network", string.Create(CultureInfo.InvariantCulture, $"{trained.Model.Network.Name}, {trained.Model.Network.ParameterCount:N0} parameters, {trained.Model.Network.TrainableParameterCount:N0} trainable")),
                new("Embedding", string.Create(CultureInfo.InvariantCulture, $"{trained.Model.EmbeddingLayer}, {engine.Embedder.Dimensions:N0} values")),
                new("Model", trained.Model.Id),
                new("Ready-made model", string.Create(CultureInfo.InvariantCulture, $"{ready.Model.Network.Name}, {ready.Model.Network.ParameterCount:N0} parameters, {ready.Dimensions:N0} values, {readyEngine.Index.Metric}")),
                new("Machine", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors"),
                new("Runtime", RuntimeInformation.FrameworkDescription),
                new("Seconds in all", summary.Seconds.ToString("F0", CultureInfo.InvariantCulture)),
            ],
            Stages = _stages,
            Network = [.. trained.Model.Network.ToTable().Rows.Select(row => new DemoReportData.NetworkLayer(row.Name, row.Kind, row.OutputShape.ToString(), row.ParameterCount))],
            LossName = "mean squared error",
            LearningCurve = [.. trained.History.Select(epoch => new DemoReportData.Epoch(
                epoch.Epoch, epoch.TrainingLoss, epoch.ValidationLoss ?? double.NaN, epoch.TrainingMetric ?? double.NaN, epoch.ValidationMetric ?? double.NaN))],
            Reconstructions = reconstructions,
            Queries = queries,
            Features = features,
            FeaturesOf = featuresOf,
            Metrics =
            [
                new($"precision@{count}", $"share of the {count} recommendations that have the query's {_label}", summary.Learned.Precision ?? double.NaN, summary.ReadyMade.Precision, summary.RawPixels.Precision, "P1"),
                new($"mAP@{count}", "the same, early places counting more", summary.Learned.MeanAveragePrecision ?? double.NaN, summary.ReadyMade.MeanAveragePrecision, summary.RawPixels.MeanAveragePrecision, "P1"),
                new($"nDCG@{count}", "the same, discounted by rank", summary.Learned.Ndcg ?? double.NaN, summary.ReadyMade.Ndcg, summary.RawPixels.Ndcg, "P1"),
                new("reconstruction accuracy", "share of held-out pixels given back on the right side of mid-gray", summary.ReconstructionAccuracy, null, null, "P1"),
                new($"index recall@{count}", "share of the exact nearest that the index found", summary.Learned.IndexRecall ?? 1, summary.ReadyMade.IndexRecall ?? 1, summary.RawPixels.IndexRecall ?? 1, "P1"),
                new("queries a second", $"searches on {summary.Learned.Threads} threads: learned {summary.Learned.Index}, ready-made {summary.ReadyMade.Index}, raw pixels {summary.RawPixels.Index}", summary.Learned.QueriesPerSecond, summary.ReadyMade.QueriesPerSecond, summary.RawPixels.QueriesPerSecond, "N0"),
            ],
        };

        async Task<IReadOnlyList<DemoReportData.Result>> AnswerAsync(SimilarityEngine asked, Product product) =>
            [.. (await asked.FindSimilarAsync(product.Images[0], RecommendationCount, cancellationToken))
                .Select(hit => new DemoReportData.Result(Shown(hit.Image), Caption(hit.Product), hit.Distance, hit.Product.GetLabel(_label) == product.GetLabel(_label)))];

        string Caption(Product product) => string.Join(", ",
            new[] { product.GetLabel(_label), product.GetLabel("color") ?? product.GetLabel("baseColour"), product.GetLabel("pattern") }.OfType<string>().Where(text => text.Length > 0));
    }

    /// <summary>Sends a few held-out images through the network with noise, and one without to look at its layers' outputs.</summary>
    private (IReadOnlyList<DemoReportData.Reconstruction> Reconstructions, IReadOnlyList<DemoReportData.FeatureMaps> Features, Image FeaturesOf) LookInside(Model model, Product[] asked)
    {
        Preprocessing preprocessing = Preprocessing.FromMetadata(model.Metadata);
        Product[] shown = [.. asked.Take(ReconstructionsShown)];
        Image[] clean = [.. shown.Select(product => preprocessing.Prepare(product.Images[0].Load()))];
        var data = new DenoisingData(clean, preprocessing);
        int length = data.InputShape.Length;
        float[] noisy = new float[shown.Length * length], target = new float[shown.Length * length], output = new float[shown.Length * length];
        data.Read([.. Enumerable.Range(0, shown.Length)], Seed, epoch: 0, noisy, target);
        var backend = new ManagedBackend();
        Network network = model.Network;
        using (IInferenceSession whole = backend.CreateInferenceSession(network, model.Weights, [network.Layers[^1].Name]))
        {
            whole.Run(noisy, shown.Length, [output]);
        }

        DemoReportData.Reconstruction[] reconstructions = [.. shown.Select((product, i) => new DemoReportData.Reconstruction(
            ToImage(noisy.AsSpan(i * length, length)), ToImage(output.AsSpan(i * length, length)), clean[i], product.GetLabel(_label) ?? product.Id))];

        string[] layers = ["encoder.conv1", "encoder.relu1", "decoder.conv3", "decoder.output"];
        string[] titles = ["after the first convolution", "after its activation", "after the last transposed convolution", "after the last convolution, before the sigmoid"];
        using IInferenceSession inner = backend.CreateInferenceSession(network, model.Weights, layers);
        float[][] maps = [.. inner.OutputShapes.Select(shape => new float[shape.Length])];
        inner.Run(target.AsMemory(0, length), 1, [.. maps]);
        DemoReportData.FeatureMaps[] features = [.. layers.Select((_, i) =>
        {
            Shape shape = inner.OutputShapes[i];
            return new DemoReportData.FeatureMaps(titles[i], shape.Width, shape.Height, [.. maps[i].Chunk(shape.Height * shape.Width)]);
        })];
        return (reconstructions, features, clean[0]);

        static Image ToImage(ReadOnlySpan<float> values)
        {
            var pixels = new byte[ImageSize * ImageSize];
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)Math.Clamp((values[i] * 255) + 0.5f, 0, 255);
            }

            return new Image(ImageSize, ImageSize, 1, pixels);
        }
    }

    /// <summary>A product's image at the size of the page.</summary>
    private static Image Shown(ImageSource source)
    {
        const int MostRows = 128;
        Image image = source.Load();
        return image.Height <= MostRows ? image
            : image.Resize(Math.Max(1, image.Width * MostRows / image.Height), MostRows, ResizeFilter.Area);
    }
}
