namespace SimNet.Models;

/// <summary>The numbers of rows and columns around a feature map. An integer converts to the same padding on each side.</summary>
/// <param name="Top">The number of rows above.</param>
/// <param name="Left">The number of columns to the left.</param>
/// <param name="Bottom">The number of rows below.</param>
/// <param name="Right">The number of columns to the right.</param>
public readonly record struct Padding2d(int Top, int Left, int Bottom, int Right)
{
    /// <inheritdoc cref="FromInt32"/>
    public static implicit operator Padding2d(int side) => FromInt32(side);

    /// <summary>Creates the same padding on each side.</summary>
    /// <param name="side">The number of rows or columns on each side.</param>
    /// <returns>The padding.</returns>
    public static Padding2d FromInt32(int side) => new(side, side, side, side);

    /// <summary>Whether the padding is the same on each side.</summary>
    public bool IsUniform => Top == Left && Top == Bottom && Top == Right;

    /// <summary>Formats a uniform padding as one number, and others as <c>1,2,3,4</c>: top, left, bottom, right.</summary>
    public override string ToString() => IsUniform ? $"{Top}" : $"{Top},{Left},{Bottom},{Right}";
}
