namespace SimNet.Core;

/// <summary>What a build is busy with.</summary>
public enum BuildStage
{
    /// <summary>Reading images and turning them into vectors.</summary>
    Embedding,

    /// <summary>Building the index over the vectors.</summary>
    Indexing,
}
