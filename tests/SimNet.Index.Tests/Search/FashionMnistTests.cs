using System.IO.Compression;

namespace SimNet.Index.Tests;

/// <summary>Real images, if available: the environment variable SIMNET_DATA names a folder that contains fashion-mnist.</summary>
public sealed class FashionMnistTests
{
    private const int Pixels = 28 * 28;

    [SkippableTheory]
    [InlineData(Metric.Euclidean)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.InnerProduct)]
    public void A_forest_finds_nearly_all_of_the_ten_most_similar_images(Metric metric)
    {
        string? data = Environment.GetEnvironmentVariable("SIMNET_DATA");
        Skip.If(data is null, "SIMNET_DATA is not set.");
        string path = Path.Combine(data, "fashion-mnist", "t10k-images-idx3-ubyte.gz");
        Skip.IfNot(File.Exists(path), $"{path} is missing.");
        float[] images = Read(path, 10_000);
        ReadOnlySpan<float> rows = images.AsSpan(0, 9_900 * Pixels);
        using ExactIndex exact = ExactIndex.Build(rows, Pixels, metric);
        using RandomProjectionForest forest = RandomProjectionForest.Build(rows, Pixels, metric);
        double recall = RandomProjectionForestTests.Recall(exact, forest, images[rows.Length..], Pixels, 10, effort: 1000);
        Assert.True(recall >= 0.95, $"recall {recall}");
    }

    private static float[] Read(string path, int count)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        stream.ReadExactly(new byte[16]);
        byte[] bytes = new byte[count * Pixels];
        stream.ReadExactly(bytes);
        return Array.ConvertAll(bytes, pixel => pixel / 255f);
    }
}
