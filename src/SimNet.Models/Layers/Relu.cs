namespace SimNet.Models;

/// <summary>max(x, 0), value by value.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Relu(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Single(this, inputs);
}
