namespace SimNet.Models;

/// <summary>
/// The output of a layer. Flattening does not change the order of values, so it is not a layer but only recorded in
/// <paramref name="IsFlat"/>.
/// </summary>
/// <param name="Source">The name of the layer, or <see cref="Network.InputName"/>.</param>
/// <param name="Shape">The shape of one sample.</param>
/// <param name="IsFlat">Whether the feature map has two dimensions in the graph, [batch, values], instead of four.</param>
internal sealed record OnnxFeatureMap(string Source, Shape Shape, bool IsFlat) : OnnxValue
{
    /// <summary>Whether the feature map has one value per channel, so that flattening preserves the channels.</summary>
    public bool IsVector => Shape is { Height: 1, Width: 1 };

    /// <summary>The number of dimensions in the graph.</summary>
    public int Rank => IsFlat ? 2 : 4;

    /// <summary>The dimensions in the graph, with <see cref="OnnxConstant.Batch"/> for the batch.</summary>
    public long[] Dimensions => IsFlat
        ? [OnnxConstant.Batch, Shape.Length]
        : [OnnxConstant.Batch, Shape.Channels, Shape.Height, Shape.Width];
}
