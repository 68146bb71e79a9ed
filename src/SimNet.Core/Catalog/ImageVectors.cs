using System.Globalization;
using System.Numerics.Tensors;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>Determines which embeddings an index can hold.</summary>
internal static class ImageVectors
{
    /// <summary>The largest norm of a vector that an index accepts, so that distances are finite.</summary>
    private const float MaxNorm = 1e18f;

    /// <summary>Returns why an image has no vector for an index; null if it has one.</summary>
    public static ImageFailure? FindFailure(string productId, ImageEmbedding embedding)
    {
        if (!embedding.Succeeded)
        {
            return ImageFailure.From(productId, embedding.Source, embedding.Error);
        }

        float norm = TensorPrimitives.Norm(embedding.Vector.Span);
        return norm <= MaxNorm ? null : new ImageFailure(productId, embedding.Source.Name, ImageFailure.NotFinite, string.Create(
            CultureInfo.InvariantCulture,
            $"The vector of '{embedding.Source.Name}' has norm {norm:G3}; expected at most 1e18, so that distances are finite."));
    }
}
