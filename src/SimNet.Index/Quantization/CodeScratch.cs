namespace SimNet.Index;

/// <summary>The buffers for encoding one vector.</summary>
internal sealed class CodeScratch(Projection projection)
{
    public VectorBuffer Vector { get; } = new(projection.Stride);

    public VectorBuffer Components { get; } = new(VectorRows.StrideOf(projection.CodeDimensions));
}
