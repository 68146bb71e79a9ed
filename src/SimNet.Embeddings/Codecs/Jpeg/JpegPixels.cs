namespace SimNet.Embeddings;

/// <summary>Converts the samples of a frame to an upright image, as the rows of MCUs are complete.</summary>
internal sealed class JpegPixels
{
    private readonly JpegFrame _frame;
    private readonly JpegColor _color;
    private readonly int _orientation;
    private readonly int _channels;
    private readonly byte[] _pixels;
    private readonly byte[] _row;
    private readonly ComponentUpsampler[] _upsamplers;
    private readonly bool _looksAhead;
    private int _completeRows;

    /// <summary>Allocates the image.</summary>
    /// <param name="frame">The frame, with its plan.</param>
    /// <param name="color">The color of the components that are wanted: gray if luma is enough.</param>
    /// <param name="orientation">The Exif orientation.</param>
    public JpegPixels(JpegFrame frame, JpegColor color, int orientation)
    {
        _frame = frame;
        _color = color;
        _orientation = orientation;
        _channels = color == JpegColor.Gray ? 1 : 3;
        _pixels = GC.AllocateUninitializedArray<byte>(frame.OutputWidth * frame.OutputHeight * _channels);
        _row = orientation == ExifOrientation.TopLeft ? [] : new byte[frame.OutputWidth * _channels];
        _upsamplers = new ComponentUpsampler[color == JpegColor.Gray ? 1 : frame.Components.Count];
        for (int i = 0; i < _upsamplers.Length; i++)
        {
            _upsamplers[i] = new ComponentUpsampler(frame.Components[i], frame);
            _looksAhead |= _upsamplers[i].LooksAhead;
        }
    }

    /// <summary>Converts the rows that are complete after a row of MCUs.</summary>
    /// <param name="mcuRow">The row of MCUs, the next after the previous call's.</param>
    /// <param name="isInterleaved">Whether the MCUs are those of an interleaved scan; otherwise a row of them is one of blocks.</param>
    public void CompleteMcuRow(int mcuRow, bool isInterleaved)
    {
        int rowsPerMcu = _frame.BlockSize * (isInterleaved ? _frame.MaxVerticalSampling : 1);
        long end = (mcuRow + 1L) * rowsPerMcu;
        CompleteRows(end >= _frame.OutputHeight ? _frame.OutputHeight : (int)end - (_looksAhead ? 1 : 0));
    }

    /// <summary>Converts all rows that are left.</summary>
    public void Complete() => CompleteRows(_frame.OutputHeight);

    /// <summary>Returns the image.</summary>
    public Image ToImage(IReadOnlyList<string> blemishes) => ExifOrientation.SwapsSides(_orientation)
        ? new Image(_frame.OutputHeight, _frame.OutputWidth, _channels, _pixels) { Blemishes = blemishes }
        : new Image(_frame.OutputWidth, _frame.OutputHeight, _channels, _pixels) { Blemishes = blemishes };

    public void ReturnAll()
    {
        foreach (ref ComponentUpsampler upsampler in _upsamplers.AsSpan())
        {
            upsampler.Return();
        }
    }

    private void CompleteRows(int end)
    {
        int rowLength = _frame.OutputWidth * _channels;
        for (; _completeRows < end; _completeRows++)
        {
            if (_orientation == ExifOrientation.TopLeft)
            {
                FillRow(_completeRows, _pixels.AsSpan(_completeRows * rowLength, rowLength));
                continue;
            }

            FillRow(_completeRows, _row);
            ExifOrientation.PlaceRow(
                _row, _completeRows, _frame.OutputWidth, _frame.OutputHeight, _channels, _orientation, _pixels);
        }
    }

    private void FillRow(int y, Span<byte> row)
    {
        ReadOnlySpan<byte> first = _upsamplers[0].Row(y);
        if (_color == JpegColor.Gray)
        {
            first[..row.Length].CopyTo(row);
            return;
        }

        ReadOnlySpan<byte> second = _upsamplers[1].Row(y);
        ReadOnlySpan<byte> third = _upsamplers[2].Row(y);
        if (_color is JpegColor.YCbCr or JpegColor.Ycck)
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

        if (_color == JpegColor.Ycck)
        {
            // Adobe Technical Note 5116: the YCbCr of 255 - C, 255 - M and 255 - Y.
            foreach (ref byte value in row)
            {
                value = (byte)(255 - value);
            }
        }

        if (_color is JpegColor.Cmyk or JpegColor.Ycck)
        {
            ReadOnlySpan<byte> black = _upsamplers[3].Row(y);
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
