namespace SimNet.Models;

/// <summary>
/// What a layer puts out. There is no layer that flattens: values lie in the same order before and after, so it is only noted here
/// that the graph sees the map as [batch, values].
/// </summary>
/// <param name="Source">The layer, or <see cref="Network.InputName"/>.</param>
/// <param name="Shape">The shape of the layer's output.</param>
/// <param name="IsFlat">Whether the graph sees two dimensions in place of four.</param>
internal sealed record OnnxMap(string Source, Shape Shape, bool IsFlat) : OnnxValue
{
    /// <summary>Whether the map has one value for each channel, so that flattening changes nothing about what its channels are.</summary>
    public bool IsVector => Shape is { Height: 1, Width: 1 };

    /// <summary>Number of dimensions that the graph sees.</summary>
    public int Rank => IsFlat ? 2 : 4;
}
