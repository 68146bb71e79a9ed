namespace SimNet.Embeddings;

/// <summary>The pixels of one interlace pass.</summary>
/// <param name="X">The first column.</param>
/// <param name="Y">The first row.</param>
/// <param name="StepX">The distance to the next column.</param>
/// <param name="StepY">The distance to the next row.</param>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    /// <summary>Returns the number of columns of the pass in an image of this width; it can be 0.</summary>
    public int Columns(int width) => width <= X ? 0 : (int)(((long)width - X + StepX - 1) / StepX);

    /// <summary>Returns the number of rows of the pass in an image of this height; it can be 0.</summary>
    public int Rows(int height) => height <= Y ? 0 : (int)(((long)height - Y + StepY - 1) / StepY);
}
