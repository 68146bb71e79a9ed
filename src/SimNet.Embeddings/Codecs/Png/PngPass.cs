namespace SimNet.Embeddings;

/// <summary>Which pixels of an image one interlace pass holds.</summary>
/// <param name="X">The first column.</param>
/// <param name="Y">The first row.</param>
/// <param name="StepX">Distance to the next column.</param>
/// <param name="StepY">Distance to the next row.</param>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    /// <summary>Columns of the pass in an image so wide; may be 0.</summary>
    public int Columns(int width) => width <= X ? 0 : (int)(((long)width - X + StepX - 1) / StepX);

    /// <summary>Rows of the pass in an image so high; may be 0.</summary>
    public int Rows(int height) => height <= Y ? 0 : (int)(((long)height - Y + StepY - 1) / StepY);
}
