using System.Buffers.Binary;
using System.IO.Compression;
using SimNet.Index;

namespace SimNet.Benchmarks;

/// <summary>Vectors to index and vectors to search for.</summary>
/// <param name="Rows">The vectors to index, row after row.</param>
/// <param name="Queries">The vectors to search for, likewise.</param>
/// <param name="Dimensions">The dimensions of a row.</param>
/// <param name="Metric">The metric to search with.</param>
internal sealed record VectorSet(float[] Rows, float[] Queries, int Dimensions, Metric Metric = Metric.Euclidean)
{
    public int Count => Rows.Length / Dimensions;

    public int QueryCount => Queries.Length / Dimensions;

    /// <summary>The metric's name in the results and for the peers.</summary>
    public string MetricName => Metric switch
    {
        Metric.Euclidean => "euclidean",
        Metric.Cosine => "cosine",
        _ => "inner-product",
    };

    public ReadOnlySpan<float> Row(int row) => Rows.AsSpan(row * Dimensions, Dimensions);

    public ReadOnlySpan<float> Query(int query) => Queries.AsSpan(query * Dimensions, Dimensions);

    /// <summary>
    /// Reads a folder with <c>train-images-idx3-ubyte.gz</c> and <c>t10k-images-idx3-ubyte.gz</c>, or a raw float32 file. Without a file of
    /// queries the last rows of a raw file are the queries.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="queries">How many queries to take at most.</param>
    /// <param name="queryFile">A raw float32 file of queries, of which the first are taken; or null.</param>
    /// <param name="dimensions">The dimensions of a raw file's rows; 0 takes them from its name.</param>
    /// <exception cref="ArgumentException">A file does not hold whole rows, or too few to hold out the queries.</exception>
    public static VectorSet Read(string path, int queries, string? queryFile = null, int dimensions = 0)
    {
        if (Directory.Exists(path))
        {
            (float[] images, int pixels) = ReadIdx(Path.Combine(path, "train-images-idx3-ubyte.gz"), int.MaxValue);
            return new VectorSet(images, ReadIdx(Path.Combine(path, "t10k-images-idx3-ubyte.gz"), queries).Rows, pixels);
        }

        dimensions = dimensions > 0 ? dimensions : VectorFile.DimensionsByName(path);
        float[] rows = WholeRows(path, dimensions);
        if (queryFile is not null)
        {
            float[] given = WholeRows(queryFile, dimensions);
            return new VectorSet(rows, given[..Math.Min(given.Length, queries * dimensions)], dimensions);
        }

        int kept = (rows.Length / dimensions) - queries;
        return kept > 0
            ? new VectorSet(rows[..(kept * dimensions)], rows[(kept * dimensions)..], dimensions)
            : throw new ArgumentException($"{path}: {rows.Length / dimensions} rows are too few to hold out {queries} queries.");
    }

    private static float[] WholeRows(string path, int dimensions)
    {
        float[] values = VectorFile.Read<float>(path);
        return values.Length % dimensions == 0
            ? values
            : throw new ArgumentException($"{path}: {values.Length} numbers are not whole rows of {dimensions}.");
    }

    private static (float[] Rows, int Dimensions) ReadIdx(string path, int maxRows)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var content = new MemoryStream();
        file.CopyTo(content);
        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        int rows = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
        int dimensions = (bytes.Length - 16) / rows;
        var values = new float[Math.Min(rows, maxRows) * dimensions];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = bytes[16 + i];
        }

        return (values, dimensions);
    }
}
