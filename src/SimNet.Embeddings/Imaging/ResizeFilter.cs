namespace SimNet.Embeddings;

/// <summary>How <see cref="ImageOperations.Resize"/> computes a new pixel from old ones.</summary>
public enum ResizeFilter
{
    /// <summary>
    /// The average over exactly the area that the new pixel covers, old pixels at its edge counting by the part covered.
    /// Nothing is skipped, so shrinking neither aliases nor shifts the mean. The usual choice for shrinking.
    /// </summary>
    Area,

    /// <summary>
    /// Linear interpolation between the four old pixels around the new one's center (centers lie at half pixels; beyond the edge the
    /// edge repeats). No antialiasing: shrinking by more than two skips pixels. The usual choice for enlarging.
    /// </summary>
    Bilinear,

    /// <summary>
    /// <see cref="Area"/> along an axis that shrinks, <see cref="Bilinear"/> along one that grows: images from thumbnails to photographs
    /// come to one size, the small ones without blocks, the large ones without aliasing.
    /// </summary>
    Adaptive,
}
