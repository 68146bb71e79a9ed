using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The parameters and the tuning of a forest as stored in the file: 76 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 76)]
internal readonly record struct ForestParameters
{
    public int Trees { get; init; }

    public int LeafSize { get; init; }

    public long Seed { get; init; }

    /// <summary>1 if hyperplanes are 8-bit values in the space of the codes; 0 if they are floats in the space of the vectors.</summary>
    public int IsCoded { get; init; }

    /// <summary>
    /// 1 if searches rank candidates by code; 0 if they compare all in full precision, because codes do not tell rows apart.
    /// </summary>
    public int IsRanked { get; init; }

    /// <summary>1 if the remaining fields describe a tuned forest; otherwise they are 0.</summary>
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
