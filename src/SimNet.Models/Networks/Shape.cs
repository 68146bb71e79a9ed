namespace SimNet.Models;

/// <summary>The shape of one sample of a feature map. Values are stored channel by channel, row by row (NCHW).</summary>
/// <param name="Channels">The number of channels; at least 1.</param>
/// <param name="Height">The number of rows; at least 1.</param>
/// <param name="Width">The number of columns; at least 1.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>The number of values: channels times height times width.</summary>
    public int Length => checked(Channels * Height * Width);

    /// <summary>Formats the shape as papers print it, channels last, such as <c>64x64x32</c>.</summary>
    public override string ToString() => $"{Height}x{Width}x{Channels}";
}
