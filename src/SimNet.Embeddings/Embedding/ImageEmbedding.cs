using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>The result of embedding one image: its vector, or the error that prevented reading or embedding it.</summary>
public sealed class ImageEmbedding
{
    internal ImageEmbedding(ImageSource source, ReadOnlyMemory<float> vector, IReadOnlyList<string> blemishes)
    {
        Source = source;
        Vector = vector;
        Blemishes = blemishes;
    }

    internal ImageEmbedding(ImageSource source, Exception error)
    {
        Source = source;
        Error = error;
    }

    /// <summary>Gets the source of the image.</summary>
    public ImageSource Source { get; }

    /// <summary>Gets the embedding, of <see cref="ImageEmbedder.Dimensions"/> values; finite; empty if there is an error.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>
    /// Gets the error: an <see cref="ImageFormatException"/> or an <see cref="IOException"/> if the image cannot be read, or a
    /// <see cref="NotFiniteNumberException"/> if the network computes infinity or NaN for it; null if there is none.
    /// </summary>
    public Exception? Error { get; }

    /// <summary>Gets the <see cref="Image.Blemishes"/> of the image; empty if there are none.</summary>
    public IReadOnlyList<string> Blemishes { get; } = [];

    /// <summary>Gets a value indicating whether the image was read and embedded.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;
}
