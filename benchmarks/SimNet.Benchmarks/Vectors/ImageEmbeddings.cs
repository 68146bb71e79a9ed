using System.Numerics.Tensors;
using SimNet.Core;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>Embeddings of a catalog's images, of length one and in random order, so that any range of them is a fair sample.</summary>
internal static class ImageEmbeddings
{
    /// <summary>Names the model that comes with the library.</summary>
    public const string DefaultModel = "default";

    /// <summary>Embeds every image that can be read; the error stream names the others.</summary>
    /// <param name="folder">A folder that <see cref="ProductCatalog.FromFolder"/> reads.</param>
    /// <param name="model">A model file, or <see cref="DefaultModel"/>.</param>
    /// <param name="dimensions">The dimensions of a vector: 0 for the model's, or fewer by <see cref="OrthogonalProjection"/>.</param>
    /// <returns>The vectors, row after row, and the dimensions of a row.</returns>
    public static async Task<(float[] Rows, int Dimensions)> ReadAsync(string folder, string model, int dimensions)
    {
        ImageSource[] images = [.. ProductCatalog.FromFolder(folder).SelectMany(product => product.Images)];
        new SeededRandom(0).Shuffle(images.AsSpan());
        using ImageEmbedder embedder = model == DefaultModel ? ImageEmbedder.CreateDefault() : ImageEmbedder.Load(model);
        var rows = new float[images.Length * embedder.Dimensions];
        int count = 0;
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(images))
        {
            if (embedding.Succeeded)
            {
                embedding.Vector.Span.CopyTo(rows.AsSpan(count++ * embedder.Dimensions));
            }
            else
            {
                Console.Error.WriteLine(embedding.Error.Message);
            }
        }

        rows = rows[..(count * embedder.Dimensions)];
        dimensions = dimensions == 0 ? embedder.Dimensions : dimensions;
        return (Normalize(OrthogonalProjection.Apply(rows, embedder.Dimensions, dimensions), dimensions), dimensions);
    }

    /// <summary>Scales every row to length one, in place; a row of zeros stays.</summary>
    public static float[] Normalize(float[] rows, int dimensions)
    {
        for (int start = 0; start < rows.Length; start += dimensions)
        {
            Span<float> row = rows.AsSpan(start, dimensions);
            float length = TensorPrimitives.Norm<float>(row);
            if (length > 0)
            {
                TensorPrimitives.Divide(row, length, row);
            }
        }

        return rows;
    }
}
