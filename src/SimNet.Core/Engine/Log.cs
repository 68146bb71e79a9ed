using Microsoft.Extensions.Logging;

namespace SimNet.Core;

/// <summary>The log messages of the engine.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Product {ProductId}: skipped an image: {Problem}")]
    public static partial void ImageSkipped(ILogger logger, string productId, string problem);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Built a catalog: {Products} products, {Images} images ({Failures} skipped), {Dimensions} dimensions, {Index} index; "
            + "embedding took {EmbeddingSeconds:F1} s, indexing {IndexingSeconds:F1} s")]
    public static partial void Built(
        ILogger logger,
        int products,
        int images,
        int failures,
        int dimensions,
        string index,
        double embeddingSeconds,
        double indexingSeconds);

    [LoggerMessage(3, LogLevel.Information, "Opened catalog {Path}: {Products} products, {Images} images, {Index} index")]
    public static partial void Opened(ILogger logger, string path, int products, int images, string index);

    [LoggerMessage(4, LogLevel.Information, "Saved catalog {Path}: {Products} products, {Images} images")]
    public static partial void Saved(ILogger logger, string path, int products, int images);

    [LoggerMessage(
        5,
        LogLevel.Information,
        "The {Index} index finds {Recall:P1} of the {Neighbors} nearest images (95 % confidence interval {Lower:P1} to {Upper:P1}, "
            + "{Queries} queries) with its default effort, {Effort}")]
    public static partial void RecallMeasured(
        ILogger logger, string index, double recall, int neighbors, double lower, double upper, int queries, int effort);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "The {Index} index finds only {Recall:P1} of the {Neighbors} nearest images (95 % confidence interval {Lower:P1} to {Upper:P1}, "
            + "{Queries} queries) with its default effort, {Effort}; expected {Target:P1}. Set a target recall in its options, or choose "
            + "another index")]
    public static partial void RecallBelowTarget(
        ILogger logger, string index, double recall, int neighbors, double lower, double upper, int queries, int effort, double target);
}
