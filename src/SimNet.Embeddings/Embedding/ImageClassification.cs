using System.Diagnostics.CodeAnalysis;

namespace SimNet.Embeddings;

/// <summary>What one image is of, or why it could not be read.</summary>
public sealed class ImageClassification
{
    internal ImageClassification(ImageSource source, ReadOnlyMemory<float> logits) => (Source, Logits) = (source, logits);

    internal ImageClassification(ImageSource source, Exception error) => (Source, Error) = (source, error);

    /// <summary>The image.</summary>
    public ImageSource Source { get; }

    /// <summary>The network's score of each class, in the order of <see cref="ImageClassifier.Classes"/>; empty where the image could not be read.</summary>
    public ReadOnlyMemory<float> Logits { get; }

    /// <summary>Why the image could not be read; null when it could.</summary>
    public Exception? Error { get; }

    /// <summary>Whether the image could be read.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;
}
