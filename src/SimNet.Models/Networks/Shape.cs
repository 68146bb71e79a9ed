namespace SimNet.Models;

/// <summary>The shape of one sample's feature map: channels, height, width. Values lie in that order (NCHW), row by row.</summary>
/// <param name="Channels">Number of channels; at least 1.</param>
/// <param name="Height">Rows; at least 1.</param>
/// <param name="Width">Columns; at least 1.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>Number of values: channels times height times width.</summary>
    public int Length => checked(Channels * Height * Width);

    /// <summary>The shape as the papers print it, channels last: <c>64x64x32</c>.</summary>
    public override string ToString() => $"{Height}x{Width}x{Channels}";
}
