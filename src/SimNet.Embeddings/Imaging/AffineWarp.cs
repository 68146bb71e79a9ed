using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SimNet.Embeddings;

/// <summary>Rotates, scales, shifts and flips an image in one bilinear resampling, so that it is blurred only once.</summary>
internal static class AffineWarp
{
    /// <summary>
    /// Computes an image of the same size in which the pixel at offset u from the center shows the source at center + shift + scale R u,
    /// where R rotates the content counterclockwise by the angle.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="degrees">The counterclockwise angle by which the content rotates.</param>
    /// <param name="scale">The fraction of the width and height that remains visible: 0.5 doubles the size of the content.</param>
    /// <param name="shiftX">The pixels by which the center of the result lies to the right of the center of the source.</param>
    /// <param name="shiftY">The pixels by which the center of the result lies below the center of the source.</param>
    /// <param name="flip">Whether to flip the result horizontally.</param>
    /// <param name="fill">The color of pixels from beyond the edges.</param>
    public static Image About(Image image, double degrees, double scale, double shiftX, double shiftY, bool flip, RgbColor fill)
    {
        // The y axis points down, so a counterclockwise rotation of the content is (x, y) -> (x cos + y sin, y cos - x sin).
        // This is its inverse.
        (double sin, double cos) = Math.SinCos(degrees % 360 * (Math.PI / 180));
        double mirror = flip ? -1 : 1;
        double xx = scale * cos * mirror, xy = -scale * sin, yx = scale * sin * mirror, yy = scale * cos;
        double centerX = (image.Width - 1) / 2.0, centerY = (image.Height - 1) / 2.0;
        int channels = image.Channels;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(image.Pixels.Length);
        int at = 0;
        for (int y = 0; y < image.Height; y++)
        {
            double rowX = centerX + shiftX + (xy * (y - centerY)) - (xx * centerX);
            double rowY = centerY + shiftY + (yy * (y - centerY)) - (yx * centerX);
            int x = 0;
            for (; x < image.Width; x++, at += channels)
            {
                if (channels == 3)
                {
                    var lineX = new Line(rowX + (xx * x), xx);
                    var lineY = new Line(rowY + (yx * x), yx);
                    int sampled = SampleRgb(image, lineX, lineY, pixels.AsSpan(at, (image.Width - x) * 3));
                    x += sampled;
                    at += 3 * sampled;
                    if (x == image.Width)
                    {
                        break;
                    }
                }

                Sample(image, rowX + (xx * x), rowY + (yx * x), fill, pixels.AsSpan(at, channels));
            }
        }

        return new Image(image.Width, image.Height, channels, pixels);
    }

    /// <summary>
    /// Equals <see cref="Sample"/> for a run of pixels whose four neighbors all lie in the image, with the three channels at once.
    /// The sum of two products of a byte and a weight fits in 16 bits, because the weights add up to 256.
    /// </summary>
    /// <returns>The number of pixels written; the next pixel has a neighbor outside the image.</returns>
    private static int SampleRgb(Image image, Line lineX, Line lineY, Span<byte> pixels)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        int stride = image.Width * 3, count = pixels.Length / 3;

        // Each pixel of three bytes is loaded as four, from its row and the next: a start above the limit would read past the end.
        int lastStart = from.Length - stride - 7;
        uint columns = (uint)(image.Width - 1), rows = (uint)(image.Height - 1);
        if (VectorSupport.Bits == 0 || lastStart < 0)
        {
            return 0;
        }

        ref byte source = ref MemoryMarshal.GetReference(from);
        ref byte to = ref MemoryMarshal.GetReference(pixels);
        (long x, long y) = (lineX.Start, lineY.Start);
        for (int i = 0; i < count; i++, x += lineX.Step, y += lineY.Step)
        {
            int left = (int)(x >> Line.Bits), top = (int)(y >> Line.Bits), start = (top * stride) + (left * 3);
            if ((uint)left >= columns || (uint)top >= rows || start > lastStart)
            {
                return i;
            }

            ref byte first = ref Unsafe.Add(ref source, start);
            Vector128<ushort> lefts = Widen(ref first, ref Unsafe.Add(ref first, stride));
            Vector128<ushort> rights = Widen(ref Unsafe.Add(ref first, 3), ref Unsafe.Add(ref first, stride + 3));
            ushort right = (byte)(x >> (Line.Bits - 8));
            uint down = (byte)(y >> (Line.Bits - 8));
            Vector128<ushort> lines = (lefts * (ushort)(256 - right)) + (rights * right);
            Vector128<uint> blended =
                ((Vector128.WidenLower(lines) * (256 - down)) + (Vector128.WidenUpper(lines) * down) + Vector128.Create(32768u)) >>> 16;
            Unsafe.Add(ref to, i * 3) = (byte)blended.ToScalar();
            Unsafe.Add(ref to, (i * 3) + 1) = (byte)blended.GetElement(1);
            Unsafe.Add(ref to, (i * 3) + 2) = (byte)blended.GetElement(2);
        }

        return count;

        // Four bytes of the upper row, then four of the lower one.
        static Vector128<ushort> Widen(ref byte upper, ref byte lower) => Vector128.WidenLower(
            Vector128.Create(Unsafe.ReadUnaligned<uint>(ref upper), Unsafe.ReadUnaligned<uint>(ref lower), 0, 0).AsByte());
    }

    /// <summary>Positions along a row in 32.32 fixed point; 1/512 is added, so that truncation to 1/256 rounds.</summary>
    private readonly struct Line(double start, double step)
    {
        public const int Bits = 32;

        private const double One = 1L << Bits;

        public long Start { get; } = (long)Math.Floor((start + (1 / 512.0)) * One);

        public long Step { get; } = (long)Math.Round(step * One);
    }

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
