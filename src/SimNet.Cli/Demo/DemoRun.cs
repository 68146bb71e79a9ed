using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SimNet.Compute;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.MagickNet;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>Runs the demo: draws or reads products, trains, indexes, evaluates, and writes a report.</summary>
internal sealed class DemoRun(Terminal terminal)
{
    private const int RecommendationCount = 5;
    private const int ImageSize = 64;

    /// <summary>Smaller than the default, because a small catalog has few batches: 32 gives four times as many in the same time.</summary>
    private const int BatchSize = 32;
    private const int MinProducts = 20;
    private const int MaxQueriesShown = 12;
    private const int ReconstructionsShown = 8;

    private readonly List<DemoReportData.Stage> _stages = [];
    private string _label = "";

    /// <summary>The products to read; <see langword="null"/> to draw products.</summary>
    public required string? Data { get; init; }

    /// <summary>The label that decides whether a recommendation is relevant; <see langword="null"/> to choose one.</summary>
    public required string? RequestedLabel { get; init; }

    /// <summary>The folder to which all files are written.</summary>
    public required string Folder { get; init; }

    public required int ProductCount { get; init; }

    public required int Epochs { get; init; }

    public required int Seed { get; init; }

    public async Task<DemoSummary> RunAsync(CancellationToken cancellationToken)
    {
        if (ProductCount < MinProducts)
        {
            throw new ArgumentException($"The number of products is {ProductCount}; expected at least {MinProducts}.");
        }

        long start = Stopwatch.GetTimestamp();
        ProductCatalog products = await StageAsync("Products", _ => Task.Run(ReadOrDraw, cancellationToken));
        _label = ChooseLabel(products);
        (ProductCatalog training, ProductCatalog test) = products.Split(share: 0.2, Seed);
        var embedding = new ImageEmbedderOptions { Decoder = MagickImageDecoder.AllFormats };

        AutoencoderTrainingResult trained = await StageAsync("Training", show => AutoencoderTraining.TrainAsync(
            training,
            test,
            new AutoencoderTrainingOptions
            {
                ImageSize = ImageSize,
                Epochs = Epochs,
                BatchSize = BatchSize,
                Seed = Seed,
                Decoder = MagickImageDecoder.AllFormats,
            },
            TrainCommand.CreateProgress(terminal, show),
            cancellationToken: cancellationToken));
        string modelPath = Path.Combine(Folder, "model.onnx"), catalogPath = Path.Combine(Folder, "catalog.simnet");
        trained.Model.Save(modelPath);

        await using (SimilarityEngine built = await StageAsync("Indexing", show => SimilarityEngine.CreateBuilder()
            .UseEmbedder(embedding).UseModel(modelPath).UseIndex(IndexKind.Forest).AddProducts(training)
            .BuildAsync(IndexCommand.CreateProgress(show), cancellationToken)))
        {
            await StageAsync("Saving", async _ =>
            {
                await built.SaveAsync(catalogPath, cancellationToken);
                return true;
            });
        }

        // The evaluation uses the saved catalog.
        await using SimilarityEngine engine = await StageAsync(
            "Opening", _ => SimilarityEngine.OpenAsync(catalogPath, new EngineOptions { Embedder = embedding }, cancellationToken));
        var options = new CatalogEvaluationOptions { Label = _label, Count = RecommendationCount };
        CatalogEvaluationReport trainedReport = await StageAsync("Evaluating", show =>
            engine.EvaluateAsync(test, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));
        await using SimilarityEngine defaultEngine = await StageAsync("Default model, indexing", show => SimilarityEngine.CreateBuilder()
            .UseEmbedder(embedding).UseIndex(IndexKind.Exact).AddProducts(training)
            .BuildAsync(IndexCommand.CreateProgress(show), cancellationToken));
        CatalogEvaluationReport defaultReport = await StageAsync("Default model, evaluating", show =>
            defaultEngine.EvaluateAsync(test, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));
        await using SimilarityEngine pixelEngine = await StageAsync("Raw pixels, indexing", show => SimilarityEngine.CreateBuilder()
            .UseEmbedder(embedding).UseModel(PixelModel.Create(ImageSize)).UseIndex(IndexKind.Exact).AddProducts(training)
            .BuildAsync(IndexCommand.CreateProgress(show), cancellationToken));
        CatalogEvaluationReport pixelReport = await StageAsync("Raw pixels, evaluating", show =>
            pixelEngine.EvaluateAsync(test, options, new ForwardedProgress<double>(share => show(share, "")), cancellationToken));

        string reportPath = Path.GetFullPath(Path.Combine(Folder, "report.html"));
        var summary = new DemoSummary
        {
            Report = reportPath,
            Model = modelPath,
            Catalog = catalogPath,
            Label = _label,
            ReconstructionAccuracy = trained.History[^1].ValidationMetric ?? 0,
            Trained = EvaluateReport.From(catalogPath, engine, options, trainedReport),
            DefaultModel = EvaluateReport.From(null, defaultEngine, options, defaultReport) with { Model = ModelArgument.Default },
            RawPixels = EvaluateReport.From("raw pixels", pixelEngine, options, pixelReport),
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        DemoReportData report = await DescribeAsync(
            summary, products, trained, engine, defaultEngine, Readable(test, trainedReport.Failures), cancellationToken);
        AtomicFile.Write(reportPath, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(DemoReport.Render(report));
        });
        return summary;
    }

    /// <summary>
    /// Returns the requested label, or else the category, or else the attribute that most products have, among those with several values
    /// that are not nearly unique.
    /// </summary>
    private string ChooseLabel(ProductCatalog products)
    {
        IReadOnlyList<string> names = products.LabelNames;
        if (RequestedLabel is not null)
        {
            return products.Any(product => product.GetLabel(RequestedLabel) is not null) ? RequestedLabel
                : throw new ArgumentException(
                    $"No product has the label '{RequestedLabel}'; the labels are {string.Join(", ", names.DefaultIfEmpty("none"))}.");
        }

        return names.Contains(Product.CategoryLabel) ? Product.CategoryLabel
            : names.Select(name => (Name: name, Values: products.Select(product => product.GetLabel(name)).OfType<string>().ToArray()))
                .Where(label => label.Values.Distinct(StringComparer.Ordinal).Count() is var kinds and > 1 && kinds <= products.Count / 2)
                .OrderByDescending(label => label.Values.Length).Select(label => label.Name).FirstOrDefault()
            ?? throw new ArgumentException(
                "The products have no label to evaluate recommendations by; expected a folder for each category, or a CSV file with a "
                    + "'category' column.");
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

        // The drawn products are written to image files and a CSV file, so that the other commands can read them.
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
        DemoSummary summary,
        ProductCatalog products,
        AutoencoderTrainingResult trained,
        SimilarityEngine engine,
        SimilarityEngine defaultEngine,
        ProductCatalog test,
        CancellationToken cancellationToken)
    {
        // One query for each value of the label.
        Product[] queryProducts =
        [
            .. test.Where(product => product.GetLabel(_label) is not null)
                .DistinctBy(product => product.GetLabel(_label), StringComparer.Ordinal)
                .OrderBy(product => product.GetLabel(_label), StringComparer.Ordinal).Take(MaxQueriesShown),
        ];
        var queries = new List<DemoReportData.Query>();
        foreach (Product product in queryProducts)
        {
            queries.Add(new DemoReportData.Query(
                Shrink(product.Images[0]), Caption(product), await QueryAsync(engine, product), await QueryAsync(defaultEngine, product)));
        }

        (DemoReportData.Reconstruction[] reconstructions, DemoReportData.FeatureMaps[] features, Image featuresOf) =
            RunNetwork(trained.Model, queryProducts);
        Network network = trained.Model.Network;
        ImageEmbedder defaultEmbedder = defaultEngine.Embedder;
        string caution = Data is null ? "" : " If that model was trained on some of these images, its results are too optimistic.";
        string count = summary.Trained.Count.ToString(CultureInfo.InvariantCulture);
        int vectorBits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        string indexes =
            $"trained {summary.Trained.Index}, default model {summary.DefaultModel.Index}, raw pixels {summary.RawPixels.Index}";
        return new DemoReportData
        {
            Title = "Products that look like this one",
            Introduction = Invariant(
                $"The denoising autoencoder of AutoSimNet is trained on {trained.TrainingImages:N0} images without labels, ")
                + Invariant($"in {Epochs} epochs. Its recommendations for {trained.ValidationImages:N0} other images are compared ")
                + $"with those of the default model, which is not trained on these images, and with those of raw pixels.{caution}",
            Facts =
            [
                new("Products", Data is null ? $"{products.Count} drawn from seed {Seed}" : $"{products.Count} of {Data}"),
                new("Label", _label),
                new("Network", Invariant(
                    $"{network.Name}, {network.ParameterCount:N0} parameters, {network.TrainableParameterCount:N0} trainable")),
                new("Embedding", Invariant($"{trained.Model.EmbeddingLayer}, {engine.Embedder.Dimensions:N0} values")),
                new("Model", trained.Model.Id),
                new("Index", $"{engine.Index.Kind}, {engine.Index.Metric}, recall: {Terminal.Recall(engine.Report.EstimatedRecall)}"),
                new("Default model", Invariant(
                    $"{defaultEmbedder.Model.Network.Name}, {defaultEmbedder.Model.Network.ParameterCount:N0} parameters, ")
                    + Invariant($"{defaultEmbedder.Dimensions:N0} values, {defaultEngine.Index.Metric}")),
                new("Machine", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
                    + $"{Environment.ProcessorCount} processors, {vectorBits}-bit vectors"),
                new("Runtime", RuntimeInformation.FrameworkDescription),
                new("Total seconds", summary.Seconds.ToString("F0", CultureInfo.InvariantCulture)),
            ],
            Stages = _stages,
            Network =
            [
                .. network.ToTable().Rows.Select(row =>
                    new DemoReportData.NetworkLayer(row.Name, row.Kind, row.OutputShape.ToString(), row.ParameterCount)),
            ],
            LossName = "mean squared error",
            LearningCurve =
            [
                .. trained.History.Select(epoch => new DemoReportData.Epoch(
                    epoch.Epoch,
                    epoch.TrainingLoss,
                    epoch.ValidationLoss ?? double.NaN,
                    epoch.TrainingMetric ?? double.NaN,
                    epoch.ValidationMetric ?? double.NaN)),
            ],
            Reconstructions = reconstructions,
            Queries = queries,
            Features = features,
            FeaturesOf = featuresOf,
            Metrics =
            [
                Compare($"precision@{count}", $"share of the {count} recommendations with the {_label} of the query", r => r.Precision),
                Compare($"mAP@{count}", "mean average precision, which weights early ranks more", r => r.MeanAveragePrecision),
                Compare($"nDCG@{count}", "normalized discounted cumulative gain", r => r.Ndcg),
                new(
                    "reconstruction accuracy",
                    "share of the pixels of test images that are reconstructed on the correct side of mid-gray",
                    summary.ReconstructionAccuracy,
                    null,
                    null,
                    "P1"),
                Compare($"index recall@{count}", "share of the exact nearest neighbors that the index finds", r => r.IndexRecall ?? 1),
                Compare("queries per second", $"on {summary.Trained.Threads} threads; indexes: {indexes}", r => r.QueriesPerSecond, "N0"),
            ],
        };

        DemoReportData.Metric Compare(string name, string explanation, Func<EvaluateReport, double?> value, string format = "P1") =>
            new(name, explanation, value(summary.Trained) ?? double.NaN, value(summary.DefaultModel), value(summary.RawPixels), format);

        static string Invariant(FormattableString text) => FormattableString.Invariant(text);

        async Task<IReadOnlyList<DemoReportData.Result>> QueryAsync(SimilarityEngine queried, Product product) =>
        [
            .. (await queried.FindSimilarAsync(product.Images[0], RecommendationCount, cancellationToken))
                .Select(hit => new DemoReportData.Result(
                    Shrink(hit.Image),
                    Caption(hit.Product),
                    hit.Distance,
                    hit.Product.GetLabel(_label) == product.GetLabel(_label))),
        ];

        // The Kaggle fashion data sets name the color column baseColour.
        string Caption(Product product)
        {
            string? color = product.GetLabel("color") ?? product.GetLabel("baseColour");
            string?[] labels = [product.GetLabel(_label), color, product.GetLabel("pattern")];
            return string.Join(", ", labels.Where(label => !string.IsNullOrEmpty(label)));
        }
    }

    /// <summary>Reconstructs some test images from noisy inputs, and computes the outputs of some layers for one image.</summary>
    private (DemoReportData.Reconstruction[] Reconstructions, DemoReportData.FeatureMaps[] Features, Image FeaturesOf) RunNetwork(
        Model model, Product[] products)
    {
        Preprocessing preprocessing = Preprocessing.FromMetadata(model.Metadata);
        Product[] shown = [.. products.Take(ReconstructionsShown)];
        Image[] clean = [.. shown.Select(product => preprocessing.Prepare(product.Images[0].Load()))];
        var data = new DenoisingData(clean, preprocessing);
        int length = data.InputShape.Length;
        int total = shown.Length * length;
        float[] noisy = new float[total], target = new float[total], output = new float[total];
        data.Read([.. Enumerable.Range(0, shown.Length)], Seed, epoch: 0, noisy, target);
        var backend = new ManagedBackend();
        Network network = model.Network;
        using (IInferenceSession whole = backend.CreateInferenceSession(network, model.Weights, [network.Layers[^1].Name]))
        {
            whole.Run(noisy, shown.Length, [output]);
        }

        DemoReportData.Reconstruction[] reconstructions =
        [
            .. shown.Select((product, i) => new DemoReportData.Reconstruction(
                ToImage(noisy.AsSpan(i * length, length)),
                ToImage(output.AsSpan(i * length, length)),
                clean[i],
                product.GetLabel(_label) ?? product.Id)),
        ];

        string[] layers = ["encoder.conv1", "encoder.relu1", "decoder.conv3", "decoder.output"];
        string[] titles =
        [
            "after the first convolution",
            "after its activation",
            "after the last transposed convolution",
            "after the last convolution, before the sigmoid",
        ];
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

    /// <summary>Shrinks an image to the size that the page shows.</summary>
    private static Image Shrink(ImageSource source)
    {
        const int MaxHeight = 128;
        Image image = source.Load();
        return image.Height <= MaxHeight ? image
            : image.Resize(Math.Max(1, image.Width * MaxHeight / image.Height), MaxHeight, ResizeFilter.Area);
    }
}
