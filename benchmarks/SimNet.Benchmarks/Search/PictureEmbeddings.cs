using System.Numerics.Tensors;
using SimNet.Core;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>Embeddings of a catalog's pictures, of length one and in an order of chance, so that any stretch of them is a fair sample.</summary>
internal static class PictureEmbeddings
{
    /// <summary>Embeds every picture that can be read.</summary>
    /// <param name="folder">What <see cref="ProductCatalog.FromFolder"/> reads.</param>
    /// <param name="model">A model file, or <c>default</c> for the library's own.</param>
    /// <param name="dimensions">How many numbers a vector shall have: the model's, where 0, or fewer by <see cref="OrthogonalProjection"/>.</param>
    /// <returns>Row after row, and how many numbers a row has.</returns>
    public static async Task<(float[] Rows, int Dimensions)> ReadAsync(string folder, string model, int dimensions)
    {
        ImageSource[] pictures = [.. ProductCatalog.FromFolder(folder).SelectMany(product => product.Pictures)];
        new SeededRandom(0).Shuffle(pictures.AsSpan());
        using ImageEmbedder embedder = model == "default" ? ImageEmbedder.CreateDefault() : ImageEmbedder.Load(model);
        var rows = new float[pictures.Length * embedder.Dimensions];
        int count = 0;
        await foreach (ImageEmbedding embedding in embedder.EmbedManyAsync(pictures))
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

    /// <summary>Gives every row length one, in place; a row of zeros stays.</summary>
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
