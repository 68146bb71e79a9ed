namespace SimNet.Models;

/// <summary>
/// The output of a layer. Changing its dimensions or their order does not change its values, so it is not a layer but only recorded in
/// <paramref name="Layout"/>.
/// </summary>
/// <param name="Source">The name of the layer, or <see cref="Network.InputName"/>.</param>
/// <param name="Shape">The shape of one sample.</param>
/// <param name="Layout">The axes in the graph, without the batch, which is the first.</param>
internal sealed record OnnxFeatureMap(string Source, Shape Shape, OnnxLayout Layout) : OnnxValue
{
    /// <summary>Whether the feature map has one value per channel, so that flattening preserves the channels.</summary>
    public bool IsVector => Shape is { Height: 1, Width: 1 };

    /// <summary>The number of dimensions in the graph, with the batch.</summary>
    public int Rank => Layout.Count + 1;

    /// <summary>What each axis after the batch steps through.</summary>
    public OnnxAxis[] Axes => Layout.AxesOf(Shape);

    /// <summary>Whether the dimensions in the graph are [batch, channels, height, width].</summary>
    public bool IsSpatial => Axes is [OnnxAxis.Channels or OnnxAxis.One, OnnxAxis.Rows or OnnxAxis.One, OnnxAxis.Columns or OnnxAxis.One]
        && Layout.Sizes.SequenceEqual([Shape.Channels, Shape.Height, Shape.Width]);

    /// <summary>Whether the dimensions in the graph are [batch, values], with more than one pixel.</summary>
    public bool IsFlattened => !IsVector && Layout is { Count: 1, IsContiguous: true };

    /// <summary>Whether all values are in one dimension, in order, and the other dimensions are 1.</summary>
    public bool IsOneAxis => !IsVector && Layout.IsContiguous && Layout.Sizes.Contains(Shape.Length);

    /// <summary>
    /// The axis of the channels, counted with the batch; 0 if there is none. Of several axes of size 1, the first is that of one channel.
    /// </summary>
    public int ChannelAxis => Array.IndexOf(Axes, Shape.Channels == 1 ? OnnxAxis.One : OnnxAxis.Channels) + 1;

    /// <summary>What each axis steps through, with that of the channels named as such even if there is one channel.</summary>
    public OnnxAxis[] AxesAroundChannels
    {
        get
        {
            OnnxAxis[] axes = Axes;
            axes[ChannelAxis - 1] = OnnxAxis.Channels;
            return axes;
        }
    }

    /// <summary>The dimensions in the graph, with <see cref="OnnxConstant.Batch"/> for the batch.</summary>
    public long[] Dimensions => [OnnxConstant.Batch, .. Layout.Sizes.Select(size => (long)size)];
}
