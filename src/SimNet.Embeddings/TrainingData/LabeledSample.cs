using System.Collections.Immutable;

namespace SimNet.Embeddings;

/// <summary>One sample that a classifier learns from: a thing's images and its class.</summary>
/// <param name="Images">At least one image of it; of several each epoch sees one.</param>
/// <param name="Class">The class' number, from 0.</param>
public sealed record LabeledSample(ImmutableArray<ImageSource> Images, int Class);
