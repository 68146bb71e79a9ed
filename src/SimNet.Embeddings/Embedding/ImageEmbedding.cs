using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>What became of one image: its vector, or why it has none.</summary>
public sealed class ImageEmbedding
{
    internal ImageEmbedding(ImageSource source, ReadOnlyMemory<float> vector)
    {
        Source = source;
        Vector = vector;
    }

    internal ImageEmbedding(ImageSource source, Exception error)
    {
        Source = source;
        Error = error;
    }

    /// <summary>The image.</summary>
    public ImageSource Source { get; }

    /// <summary>The embedding, of <see cref="ImageEmbedder.Dimensions"/> values; empty when the image could not be read.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>Why the image could not be read (an <see cref="ImageFormatException"/> or an <see cref="IOException"/>); null when it could.</summary>
    public Exception? Error { get; }

    /// <summary>Whether there is a vector.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;
}
