namespace SimNet.Models;

/// <summary>A height and a width, as of a convolution's kernel or its step. A single number is the square of that side.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>The square of this side.</summary>
    public static implicit operator Size2d(int side) => FromInt32(side);

    /// <summary>The square of this side.</summary>
    public static Size2d FromInt32(int side) => new(side, side);

    /// <summary>Rows times columns.</summary>
    public int Area => checked(Height * Width);

    /// <summary>The size as <c>3x3</c>, height first.</summary>
    public override string ToString() => $"{Height}x{Width}";
}
