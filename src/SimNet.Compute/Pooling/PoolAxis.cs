namespace SimNet.Compute;

/// <summary>The geometry of pooling windows along one axis.</summary>
/// <param name="Size">Length of the input.</param>
/// <param name="Kernel">Length of a window.</param>
/// <param name="Stride">Distance between windows.</param>
/// <param name="Before">Padding before the input.</param>
/// <param name="After">Padding after the input.</param>
internal readonly record struct PoolAxis(int Size, int Kernel, int Stride, int Before, int After)
{
    /// <summary>Whether the windows partition the input: they are disjoint, lie inside it and cover it.</summary>
    public bool Tiles(int windows) => Kernel == Stride && Before == 0 && windows * Stride == Size;

    /// <summary>The geometry of both axes of a pooling layer.</summary>
    public static (PoolAxis Rows, PoolAxis Columns) Of(Shape input, Size2d kernel, Size2d stride, Padding2d padding)
        => (
            new(input.Height, kernel.Height, stride.Height, padding.Top, padding.Bottom),
            new(input.Width, kernel.Width, stride.Width, padding.Left, padding.Right));

    /// <summary>The part of a window inside the input; never empty.</summary>
    public (int First, int Count) Window(int number)
    {
        int start = number * Stride - Before;
        int first = Math.Max(start, 0);
        return (first, Math.Min(start + Kernel, Size) - first);
    }

    /// <summary>Length of the part of a window inside the input or its padding.</summary>
    public int PaddedCount(int number) => Math.Min(Kernel, Size + After - (number * Stride - Before));
}
