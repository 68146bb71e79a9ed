namespace SimNet.Core;

/// <summary>A stage of building a <see cref="SimilarityEngine"/>.</summary>
public enum BuildStage
{
    /// <summary>Reading images and computing their embedding vectors.</summary>
    Embedding,

    /// <summary>Building the index of the vectors.</summary>
    Indexing,
}
