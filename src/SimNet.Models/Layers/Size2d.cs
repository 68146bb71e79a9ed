namespace SimNet.Models;

/// <summary>A height and a width, such as those of a kernel or a stride. An integer converts to a square size.</summary>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <inheritdoc cref="FromInt32"/>
    public static implicit operator Size2d(int side) => FromInt32(side);

    /// <summary>Creates a square size.</summary>
    /// <param name="side">The height and the width.</param>
    /// <returns>The size.</returns>
    public static Size2d FromInt32(int side) => new(side, side);

    /// <summary>The height times the width.</summary>
    public int Area => checked(Height * Width);

    /// <summary>Formats the size as height and width, such as <c>3x3</c>.</summary>
    public override string ToString() => $"{Height}x{Width}";
}
