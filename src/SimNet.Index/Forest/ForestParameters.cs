using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>What a forest was grown with and tuned for, as it lies in the file: 72 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 72)]
internal readonly record struct ForestParameters
{
    public int Trees { get; init; }

    public int LeafSize { get; init; }

    public long Seed { get; init; }

    /// <summary>1 if planes are 8-bit numbers in the space of codes; 0 if they are single numbers in that of vectors.</summary>
    public int IsCoded { get; init; }

    /// <summary>1 if the rest says how it was tuned; else that is all 0.</summary>
    public int IsTuned { get; init; }

    public int TargetNeighbors { get; init; }

    public int SearchEffort { get; init; }

    public double TargetRecall { get; init; }

    public double Recall { get; init; }

    public double StandardError { get; init; }

    public double Planes { get; init; }

    public double Candidates { get; init; }

    public RandomProjectionForestOptions ToOptions() => new()
    {
        Trees = Trees,
        LeafSize = LeafSize,
        Seed = Seed,
        TargetRecall = IsTuned == 1 ? TargetRecall : null,
        TargetNeighbors = IsTuned == 1 ? TargetNeighbors : RandomProjectionForestOptions.DefaultTargetNeighbors,
    };

    public ForestTuning? ToTuning() => IsTuned == 0 ? null : new ForestTuning
    {
        TargetRecall = TargetRecall,
        TargetNeighbors = TargetNeighbors,
        Trees = Trees,
        LeafSize = LeafSize,
        SearchEffort = SearchEffort,
        Recall = Recall,
        StandardError = StandardError,
        PlanesPerQuery = Planes,
        CandidatesPerQuery = Candidates,
    };
}
