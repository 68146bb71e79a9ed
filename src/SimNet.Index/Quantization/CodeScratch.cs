namespace SimNet.Index;

/// <summary>What coding one vector writes to.</summary>
internal sealed class CodeScratch(Projection projection)
{
    public VectorBuffer Vector { get; } = new(projection.Stride);

    public VectorBuffer Numbers { get; } = new(VectorRows.StrideOf(projection.CodeDimensions));
}
