using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>The result of classifying one image: its logits, or the error that prevented reading or classifying it.</summary>
public sealed class ImageClassification
{
    internal ImageClassification(ImageSource source, ReadOnlyMemory<float> logits) => (Source, Logits) = (source, logits);

    internal ImageClassification(ImageSource source, Exception error) => (Source, Error) = (source, error);

    /// <summary>Gets the source of the image.</summary>
    public ImageSource Source { get; }

    /// <summary>
    /// Gets the logit of each class, in the order of <see cref="ImageClassifier.Classes"/>; finite; empty if there is an error.
    /// </summary>
    public ReadOnlyMemory<float> Logits { get; }

    /// <summary>
    /// Gets the error: an <see cref="ImageFormatException"/> or an <see cref="IOException"/> if the image cannot be read, or a
    /// <see cref="NotFiniteNumberException"/> if the network computes infinity or NaN for it; null if there is none.
    /// </summary>
    public Exception? Error { get; }

    /// <summary>Gets a value indicating whether the image was read and classified.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;
}
