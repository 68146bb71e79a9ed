using System.Collections.Immutable;

namespace SimNet.Embeddings;

/// <summary>A training sample of a classifier: the images of one product and their class.</summary>
/// <param name="Images">The images; at least one. If there are several, each epoch uses one of them at random.</param>
/// <param name="Class">The zero-based index of the class.</param>
public sealed record LabeledSample(ImmutableArray<ImageSource> Images, int Class);
