namespace SimNet.Embeddings;

/// <summary>What is decoded of a frame: the size of the result, and its color.</summary>
internal readonly record struct JpegPlan
{
    /// <summary>
    /// How many times the target the result is at least, unless the file has fewer pixels. With less, a sample counts in shares for two
    /// pixels that it should not reach, and some embeddings differ too much from those of the whole image (docs/images.md).
    /// </summary>
    public const int MinRatio = 3;

    /// <summary>The width and height that 8x8 pixels are decoded to: 8, 4, 2 or 1.</summary>
    public int BlockSize { get; private init; }

    /// <summary>Whether only the luma component is needed.</summary>
    public bool IsLumaOnly { get; private init; }

    /// <summary>
    /// Chooses the smallest size that is at least <see cref="MinRatio"/> times the target in both directions, or else the image's own.
    /// </summary>
    public static JpegPlan Create(JpegFrame frame, JpegColor color, int orientation, ImageDecoderOptions options, bool hasProfile)
    {
        (int width, int height) = ExifOrientation.SwapsSides(orientation)
            ? (options.TargetHeight, options.TargetWidth)
            : (options.TargetWidth, options.TargetHeight);
        int size = 8;
        if (width > 0 && height > 0)
        {
            while (size > 1 && Scaled(frame.Width, size / 2) >= MinRatio * (long)width
                && Scaled(frame.Height, size / 2) >= MinRatio * (long)height)
            {
                size /= 2;
            }
        }

        // The luma of another color space is not that of sRGB.
        bool isLumaOnly = color == JpegColor.YCbCr && options.TargetColor == ColorMode.Gray && !hasProfile;
        return new JpegPlan { BlockSize = size, IsLumaOnly = isLumaOnly };
    }

    private static int Scaled(int length, int size) => (int)(((long)length * size + 7) / 8);
}
