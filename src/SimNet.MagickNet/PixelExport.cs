using ImageMagick;
using SimNet.Embeddings;

namespace SimNet.MagickNet;

/// <summary>The pixels of an image of ImageMagick as an <see cref="Image"/>.</summary>
internal static class PixelExport
{
    /// <summary>Copies the pixels of a gray or RGB image, on its canvas if it is part of an animation.</summary>
    public static Image ToImage(MagickImage source, ImageFormat format, RgbColor? background, IReadOnlyList<string> blemishes)
    {
        (int width, int height, int left, int top) = ((int)source.Width, (int)source.Height, 0, 0);
        if (format == ImageFormat.Gif && source.Page is { Width: > 0, Height: > 0 } page)
        {
            (width, height, left, top) = ((int)page.Width, (int)page.Height, page.X, page.Y);
        }

        using IPixelCollection<byte> pixels = source.GetPixelsUnsafe();
        bool isWhole = left <= 0 && top <= 0 && left + (int)source.Width >= width && top + (int)source.Height >= height;
        bool hasAlpha = !isWhole || (source.HasAlpha && !source.IsOpaque);
        int[] sources = source.ColorSpace == ColorSpace.Gray
            ? hasAlpha ? [0, 0, 0] : [0]
            : [Channel(PixelChannel.Red), Channel(PixelChannel.Green), Channel(PixelChannel.Blue)];
        int alpha = source.HasAlpha ? Channel(PixelChannel.Alpha) : -1;
        int channels = sources.Length + (hasAlpha ? 1 : 0);
        byte[] values = new byte[checked(width * height * channels)];
        int stride = (int)pixels.Channels;
        (int firstX, int lastX) = (Math.Max(left, 0), Math.Min(left + (int)source.Width, width));
        for (int y = Math.Max(top, 0); y < Math.Min(top + (int)source.Height, height); y++)
        {
            ReadOnlySpan<byte> row = pixels.GetReadOnlyArea(0, y - top, source.Width, 1);
            int to = ((y * width) + firstX) * channels;
            for (int x = firstX; x < lastX; x++)
            {
                ReadOnlySpan<byte> pixel = row.Slice((x - left) * stride, stride);
                foreach (int channel in sources)
                {
                    values[to++] = pixel[channel];
                }

                if (hasAlpha)
                {
                    values[to++] = alpha < 0 ? byte.MaxValue : pixel[alpha];
                }
            }
        }

        return hasAlpha
            ? Image.FromRgba(width, height, values, background, blemishes)
            : new Image(width, height, channels, values) { Blemishes = blemishes };

        int Channel(PixelChannel channel) =>
            (int)(pixels.GetChannelIndex(channel) ?? throw new ImageFormatException($"ImageMagick gives no channel {channel}.", 0));
    }
}
