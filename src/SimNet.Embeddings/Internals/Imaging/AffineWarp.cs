using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>Turns, scales, shifts and mirrors a picture in one resampling, so that it is blurred once only.</summary>
internal static class AffineWarp
{
    /// <summary>
    /// A frame of the picture's size, of which the pixel at u from the frame's centre shows the picture at
    /// centre + shift + scale R u, where R turns the content counter-clockwise by the angle. Bilinear.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="degrees">The angle by which the content turns, counter-clockwise.</param>
    /// <param name="scale">Length of the part of the picture shown, as a part of the whole: 0.5 enlarges twofold.</param>
    /// <param name="shiftX">How far right of the picture's centre the frame's centre looks, in pixels.</param>
    /// <param name="shiftY">How far below the picture's centre the frame's centre looks, in pixels.</param>
    /// <param name="flip">Whether to mirror the result.</param>
    /// <param name="fill">Colour beyond the edge.</param>
    public static Image About(Image image, double degrees, double scale, double shiftX, double shiftY, bool flip, RgbColor fill)
    {
        // Rows count downwards, so turning the content counter-clockwise on the screen is
        // (x, y) -> (x cos + y sin, y cos - x sin); this is the inverse.
        (double sin, double cos) = Math.SinCos(degrees % 360 * (Math.PI / 180));
        double mirror = flip ? -1 : 1;
        double xx = scale * cos * mirror, xy = -scale * sin, yx = scale * sin * mirror, yy = scale * cos;
        double centreX = (image.Width - 1) / 2.0, centreY = (image.Height - 1) / 2.0;
        int channels = image.Channels;
        byte[] pixels = new byte[image.Pixels.Length];
        int at = 0;
        for (int y = 0; y < image.Height; y++)
        {
            double rowX = centreX + shiftX + (xy * (y - centreY)), rowY = centreY + shiftY + (yy * (y - centreY));
            for (int x = 0; x < image.Width; x++, at += channels)
            {
                Sample(image, rowX + (xx * (x - centreX)), rowY + (yx * (x - centreX)), fill, pixels.AsSpan(at, channels));
            }
        }

        return new Image(image.Width, image.Height, channels, pixels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sample(Image image, double x, double y, RgbColor fill, Span<byte> pixel)
    {
        int width = image.Width, height = image.Height;
        if (!(x > -1 && y > -1 && x < width && y < height))
        {
            ImageOperations.Fill(pixel, pixel.Length, fill);
            return;
        }

        long fixedX = (long)Math.Floor((x * 256) + 0.5), fixedY = (long)Math.Floor((y * 256) + 0.5);
        int left = (int)(fixedX >> 8), top = (int)(fixedY >> 8), right = (int)fixedX & 255, down = (int)fixedY & 255;
        if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1)
        {
            int channels = pixel.Length, stride = width * channels;
            ReadOnlySpan<byte> upper = image.Pixels.Slice(((top * width) + left) * channels, stride + (2 * channels));
            ReadOnlySpan<byte> lower = upper[stride..];
            for (int c = 0; c < pixel.Length; c++)
            {
                pixel[c] = Blend(upper[c], upper[channels + c], lower[c], lower[channels + c], right, down);
            }

            return;
        }

        for (int c = 0; c < pixel.Length; c++)
        {
            pixel[c] = Blend(Value(image, left, top, c, fill), Value(image, left + 1, top, c, fill),
                Value(image, left, top + 1, c, fill), Value(image, left + 1, top + 1, c, fill), right, down);
        }
    }

    private static byte Blend(int topLeft, int topRight, int bottomLeft, int bottomRight, int right, int down)
    {
        int top = (topLeft * (256 - right)) + (topRight * right);
        int bottom = (bottomLeft * (256 - right)) + (bottomRight * right);
        return (byte)(((top * (256 - down)) + (bottom * down) + 32768) >> 16);
    }

    private static byte Value(Image image, int x, int y, int channel, RgbColor fill)
    {
        if ((uint)x < (uint)image.Width && (uint)y < (uint)image.Height)
        {
            return image.Pixels[(((y * image.Width) + x) * image.Channels) + channel];
        }

        return image.Channels == 1 ? fill.Luma : channel == 0 ? fill.Red : channel == 1 ? fill.Green : fill.Blue;
    }
}
