namespace SimNet.Embeddings;

/// <summary>
/// Operations on images. None modifies its input; an operation that has nothing to do returns its input.
/// </summary>
public static class ImageOperations
{
    private const int LongestSide = 1 << 29;

    /// <summary>
    /// Resizes an image. All arithmetic is in integers without intermediate rounding: each value is the exact result of the filter, rounded
    /// to the nearest integer (half up), the same on every machine.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="width">The new number of columns, from 1 to 2^29.</param>
    /// <param name="height">The new number of rows, from 1 to 2^29.</param>
    /// <param name="filter">The filter; <see cref="ResizeFilter.Area"/> by default.</param>
    /// <returns>The resized image; <paramref name="image"/> itself if it already has that size.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size or the filter is out of range, or the new image does not fit in an array.
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
            throw new ArgumentOutOfRangeException(
                nameof(filter), filter, $"Expected one of {string.Join(", ", Enum.GetNames<ResizeFilter>())}.");
        }

        return width == image.Width && height == image.Height ? image : SeparableResize.Apply(image, width, height, filter);
    }

    /// <summary>Converts an image to gray: each pixel becomes its <see cref="RgbColor.Luma"/>.</summary>
    /// <param name="image">The image.</param>
    /// <returns>An image of one channel; <paramref name="image"/> itself if it is gray.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
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

    /// <summary>Converts an image to RGB: the value of a gray pixel is copied to all three channels.</summary>
    /// <param name="image">The image.</param>
    /// <returns>An image of three channels; <paramref name="image"/> itself if it is RGB.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The RGB image does not fit in an array.</exception>
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

    /// <summary>Copies a rectangle of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">The first column.</param>
    /// <param name="y">The first row.</param>
    /// <param name="width">The number of columns; at least 1.</param>
    /// <param name="height">The number of rows; at least 1.</param>
    /// <returns>The rectangle; <paramref name="image"/> itself if it is the whole image.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or extends beyond the image.</exception>
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
                throw new ArgumentOutOfRangeException(lengthName, length, $"Expected 1 to {available - start}, which is within the image.");
            }
        }
    }

    /// <summary>Adds a border of one color to an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="left">The number of columns to add on the left; at least 0.</param>
    /// <param name="top">The number of rows to add above; at least 0.</param>
    /// <param name="right">The number of columns to add on the right; at least 0.</param>
    /// <param name="bottom">The number of rows to add below; at least 0.</param>
    /// <param name="color">The color of the border; a gray image takes its <see cref="RgbColor.Luma"/>.</param>
    /// <returns>The padded image; <paramref name="image"/> itself if the border is empty.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A border is negative, or the new image does not fit in an array.</exception>
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

    /// <summary>Flips an image horizontally: left and right are exchanged.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The flipped image.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    public static Image FlipHorizontal(this Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int channels = image.Channels, stride = image.Width * channels;
        byte[] flipped = image.Pixels.ToArray();
        for (int row = 0; row < image.Height; row++)
        {
            // Reversing the bytes reverses the pixels and the channels of each pixel; the loop restores the order of the channels.
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
    /// Rotates an image around its center, without changing its size. Interpolation is bilinear, with positions rounded to 1/256 of a pixel
    /// and values rounded to the nearest integer (half up).
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="degrees">The counterclockwise angle in degrees; finite.</param>
    /// <param name="fill">The color of pixels from beyond the edges; a gray image takes its <see cref="RgbColor.Luma"/>.</param>
    /// <returns>The rotated image; <paramref name="image"/> itself for a multiple of 360 degrees.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
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

    /// <summary>Allocates the values of an image.</summary>
    internal static byte[] Allocate(long width, long height, int channels)
    {
        // The product of all three can overflow 64 bits; width * height cannot.
        long pixels = width * height;
        return pixels <= Array.MaxLength / channels && width <= int.MaxValue && height <= int.MaxValue
            ? new byte[pixels * channels]
            : throw new ArgumentOutOfRangeException(
                nameof(width), $"{width}x{height}x{channels}", $"An image has at most {Array.MaxLength} values.");
    }

    /// <summary>Sets every pixel to a color.</summary>
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
