using System.Collections.Immutable;

namespace SimNet.Embeddings;

/// <summary>One sample that a classifier learns from: a thing's pictures and its class.</summary>
/// <param name="Pictures">At least one picture of it; of several each epoch sees one.</param>
/// <param name="Class">The class' number, from 0.</param>
public sealed record LabelledSample(ImmutableArray<ImageSource> Pictures, int Class);
