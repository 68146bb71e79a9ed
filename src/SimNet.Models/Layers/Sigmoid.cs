namespace SimNet.Models;

/// <summary>1 / (1 + exp(-x)), value by value.</summary>
/// <param name="Name">Unique name of the layer.</param>
public sealed record Sigmoid(string Name) : Layer(Name)
{
    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => LayerCheck.Single(this, inputs);
}
