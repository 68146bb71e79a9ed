namespace SimNet.Embeddings;

/// <summary>The filter that <see cref="ImageOperations.Resize"/> uses.</summary>
public enum ResizeFilter
{
    /// <summary>
    /// Averages exactly the area that each output pixel covers; input pixels at its edges count by the fraction covered. Shrinking neither
    /// aliases nor shifts the mean. The usual choice for shrinking.
    /// </summary>
    Area,

    /// <summary>
    /// Interpolates linearly between the four input pixels around the center of the output pixel. Pixel centers are at half-integer
    /// positions, and the edges repeat. There is no antialiasing: shrinking by more than two skips pixels. The usual choice for enlarging.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Uses <see cref="Area"/> along an axis that shrinks and <see cref="Bilinear"/> along an axis that grows, for data sets that mix
    /// thumbnails and photographs.
    /// </summary>
    Adaptive,
}
