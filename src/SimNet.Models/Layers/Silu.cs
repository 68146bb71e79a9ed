namespace SimNet.Models;

/// <summary>x / (1 + exp(-x)), value by value: the sigmoid linear unit, also known as swish (Ramachandran et al., 2017).</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Silu(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Single(this, inputs);
}
