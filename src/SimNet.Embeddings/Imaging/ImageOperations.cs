namespace SimNet.Embeddings;

/// <summary>
/// Operations that make an image from an image. None changes its input; one that has nothing to do gives its input back.
/// </summary>
public static class ImageOperations
{
    private const int LongestSide = 1 << 29;

    /// <summary>
    /// The image at another size. Computed in whole numbers without intermediate rounding: each value is the filter's exact one,
    /// rounded to the nearest (halves up), the same on every machine.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="width">New number of columns; at least 1.</param>
    /// <param name="height">New number of rows; at least 1.</param>
    /// <param name="filter">How new values come from old ones; area by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is below 1 or above 2^29, or the new image would be larger than an array can be.
    /// </exception>
    public static Image Resize(this Image image, int width, int height, ResizeFilter filter = ResizeFilter.Area)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, LongestSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, LongestSide);
        if (!Enum.IsDefined(filter))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, $"Expected {string.Join(", ", Enum.GetNames<ResizeFilter>())}.");
        }

        return width == image.Width && height == image.Height ? image : SeparableResize.Apply(image, width, height, filter);
    }

    /// <summary>One channel: each pixel's <see cref="RgbColor.Luma"/>. A gray image is given back as it is.</summary>
    public static Image ToGray(this Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Channels == 1)
        {
            return image;
        }

        byte[] gray = new byte[image.Pixels.Length / 3];
        LumaConversion.Convert(image.Pixels, gray);
        return new Image(image.Width, image.Height, 1, gray);
    }

    /// <summary>Three channels; a gray image's value goes to each of them. An RGB image is given back as it is.</summary>
    /// <exception cref="ArgumentException">The RGB image would be larger than an array can be.</exception>
    public static Image ToRgb(this Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Channels == 3)
        {
            return image;
        }

        ReadOnlySpan<byte> from = image.Pixels;
        byte[] rgb = Allocate(image.Width, image.Height, 3);
        for (int i = 0, at = 0; i < from.Length; i++, at += 3)
        {
            rgb[at] = rgb[at + 1] = rgb[at + 2] = from[i];
        }

        return new Image(image.Width, image.Height, 3, rgb);
    }

    /// <summary>A rectangle of the image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">First column.</param>
    /// <param name="y">First row.</param>
    /// <param name="width">Columns; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or does not lie within the image.</exception>
    public static Image Crop(this Image image, int x, int y, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckRange(x, width, image.Width, nameof(x), nameof(width));
        CheckRange(y, height, image.Height, nameof(y), nameof(height));
        if (width == image.Width && height == image.Height)
        {
            return image;
        }

        int channels = image.Channels;
        byte[] part = new byte[width * height * channels];
        for (int row = 0; row < height; row++)
        {
            image.Row(y + row).Slice(x * channels, width * channels).CopyTo(part.AsSpan(row * width * channels));
        }

        return new Image(width, height, channels, part);

        static void CheckRange(int start, int length, int available, string startName, string lengthName)
        {
            if ((uint)start >= (uint)available)
            {
                throw new ArgumentOutOfRangeException(startName, start, $"Expected 0 to {available - 1}.");
            }

            if (length < 1 || length > available - start)
            {
                throw new ArgumentOutOfRangeException(lengthName, length, $"Expected 1 to {available - start}, to stay within the image.");
            }
        }
    }

    /// <summary>The image with a border of one color.</summary>
    /// <param name="image">The image.</param>
    /// <param name="left">Columns to add on the left; at least 0.</param>
    /// <param name="top">Rows to add above; at least 0.</param>
    /// <param name="right">Columns to add on the right; at least 0.</param>
    /// <param name="bottom">Rows to add below; at least 0.</param>
    /// <param name="color">The border's color; its <see cref="RgbColor.Luma"/> for a gray image.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A border is negative, or the new image would be larger than an array can be.
    /// </exception>
    public static Image Pad(this Image image, int left, int top, int right, int bottom, RgbColor color)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfNegative(bottom);
        if ((left | top | right | bottom) == 0)
        {
            return image;
        }

        int channels = image.Channels;
        long width = (long)image.Width + left + right;
        long height = (long)image.Height + top + bottom;
        byte[] padded = Allocate(width, height, channels);
        Fill(padded, channels, color);
        for (int row = 0; row < image.Height; row++)
        {
            image.Row(row).CopyTo(padded.AsSpan((int)((((top + row) * width) + left) * channels)));
        }

        return new Image((int)width, (int)height, channels, padded);
    }

    /// <summary>The image as a mirror shows it: left and right exchanged.</summary>
    public static Image FlipHorizontal(this Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int channels = image.Channels, stride = image.Width * channels;
        byte[] flipped = image.Pixels.ToArray();
        for (int row = 0; row < image.Height; row++)
        {
            // Reversing the bytes reverses the pixels, and each pixel's channels, which are then put back.
            Span<byte> line = flipped.AsSpan(row * stride, stride);
            line.Reverse();
            for (int at = 0; channels == 3 && at + 2 < line.Length; at += 3)
            {
                (line[at], line[at + 2]) = (line[at + 2], line[at]);
            }
        }

        return new Image(image.Width, image.Height, channels, flipped);
    }

    /// <summary>
    /// The image turned about its center, its size kept: what leaves the frame is lost, what enters it has the fill color.
    /// Bilinear, with positions to 1/256 of a pixel and one rounding to the nearest (halves up).
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="degrees">Angle, counter-clockwise; finite.</param>
    /// <param name="fill">Color from beyond the edge; its <see cref="RgbColor.Luma"/> for a gray image.</param>
    /// <exception cref="ArgumentOutOfRangeException">The angle is not finite.</exception>
    public static Image Rotate(this Image image, double degrees, RgbColor fill)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!double.IsFinite(degrees))
        {
            throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "Expected a finite angle.");
        }

        return degrees % 360 == 0 ? image : AffineWarp.About(image, degrees, scale: 1, shiftX: 0, shiftY: 0, flip: false, fill);
    }

    /// <summary>Space for an image's values.</summary>
    internal static byte[] Allocate(long width, long height, int channels)
    {
        // Two steps: the product of three could pass 64 bits, width * height cannot, and beyond 2^31 it is refused anyway.
        long pixels = width * height;
        return pixels <= Array.MaxLength / channels && width <= int.MaxValue && height <= int.MaxValue
            ? new byte[pixels * channels]
            : throw new ArgumentOutOfRangeException(
                nameof(width), $"{width}x{height}x{channels}", $"An image has at most {Array.MaxLength} values.");
    }

    /// <summary>Sets every pixel to the color.</summary>
    internal static void Fill(Span<byte> pixels, int channels, RgbColor color)
    {
        if (channels == 1)
        {
            pixels.Fill(color.Luma);
            return;
        }

        for (int at = 0; at + 2 < pixels.Length; at += 3)
        {
            (pixels[at], pixels[at + 1], pixels[at + 2]) = (color.Red, color.Green, color.Blue);
        }
    }
}
