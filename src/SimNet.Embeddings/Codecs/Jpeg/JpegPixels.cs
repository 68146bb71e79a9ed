using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>Converts the decoded components of a frame to an upright image.</summary>
internal static class JpegPixels
{
    public static Image ToImage(JpegFrame frame, JpegColor color, int orientation)
    {
        int channels = color == JpegColor.Gray ? 1 : 3;
        int length = frame.Width * frame.Height * channels;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(length);
        if (orientation == ExifOrientation.TopLeft)
        {
            Fill(frame, color, pixels);
            return new Image(frame.Width, frame.Height, channels, pixels);
        }

        byte[] stored = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Fill(frame, color, stored.AsSpan(0, length));
            ExifOrientation.Apply(stored.AsSpan(0, length), frame.Width, frame.Height, channels, orientation, pixels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }

        return ExifOrientation.SwapsSides(orientation)
            ? new Image(frame.Height, frame.Width, channels, pixels)
            : new Image(frame.Width, frame.Height, channels, pixels);
    }

    private static void Fill(JpegFrame frame, JpegColor color, Span<byte> pixels)
    {
        var upsamplers = new ComponentUpsampler[frame.Components.Count];
        for (int i = 0; i < upsamplers.Length; i++)
        {
            upsamplers[i] = new ComponentUpsampler(frame.Components[i], frame);
        }

        int rowLength = pixels.Length / frame.Height;
        for (int y = 0; y < frame.Height; y++)
        {
            FillRow(upsamplers, color, y, pixels.Slice(y * rowLength, rowLength));
        }

        foreach (ref ComponentUpsampler upsampler in upsamplers.AsSpan())
        {
            upsampler.Return();
        }
    }

    private static void FillRow(ReadOnlySpan<ComponentUpsampler> upsamplers, JpegColor color, int y, Span<byte> row)
    {
        ReadOnlySpan<byte> first = upsamplers[0].Row(y);
        if (color == JpegColor.Gray)
        {
            first[..row.Length].CopyTo(row);
            return;
        }

        ReadOnlySpan<byte> second = upsamplers[1].Row(y);
        ReadOnlySpan<byte> third = upsamplers[2].Row(y);
        if (color is JpegColor.YCbCr or JpegColor.Ycck)
        {
            ColorConversion.YCbCrToRgb(first, second, third, row, VectorSupport.Bits);
        }
        else
        {
            for (int i = 0, x = 0; i < row.Length; i += 3, x++)
            {
                row[i] = first[x];
                row[i + 1] = second[x];
                row[i + 2] = third[x];
            }
        }

        if (color == JpegColor.Ycck)
        {
            // Adobe Technical Note 5116: the YCbCr of 255 - C, 255 - M and 255 - Y.
            foreach (ref byte value in row)
            {
                value = (byte)(255 - value);
            }
        }

        if (color is JpegColor.Cmyk or JpegColor.Ycck)
        {
            ReadOnlySpan<byte> black = upsamplers[3].Row(y);
            for (int i = 0, x = 0; i < row.Length; i += 3, x++)
            {
                // With inverted inks, a value is ink times black over 255, rounded to nearest. There are no ties, because 255 is odd.
                int k = black[x];
                row[i] = (byte)((row[i] * k + 127) / 255);
                row[i + 1] = (byte)((row[i + 1] * k + 127) / 255);
                row[i + 2] = (byte)((row[i + 2] * k + 127) / 255);
            }
        }
    }
}
