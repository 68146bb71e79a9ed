namespace SimNet.Models;

/// <summary>Rows and columns added around a feature map. A single number is that many on each side.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns before.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns after.</param>
public readonly record struct Padding2d(int Top, int Left, int Bottom, int Right)
{
    /// <summary>The same on each side.</summary>
    public static implicit operator Padding2d(int side) => FromInt32(side);

    /// <summary>The same on each side.</summary>
    public static Padding2d FromInt32(int side) => new(side, side, side, side);

    /// <summary>Whether all four are the same number.</summary>
    public bool IsUniform => Top == Left && Top == Bottom && Top == Right;

    /// <summary>The padding as its one number, or as <c>1,2,3,4</c>: top, left, bottom, right.</summary>
    public override string ToString() => IsUniform ? $"{Top}" : $"{Top},{Left},{Bottom},{Right}";
}
