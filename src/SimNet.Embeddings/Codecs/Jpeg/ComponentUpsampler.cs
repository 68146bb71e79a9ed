using System.Buffers;

namespace SimNet.Embeddings;

/// <summary>
/// Upsamples the rows of a component, such as subsampled chroma, to the size of the image. ITU T.81, A.1.1, defines only the sizes; the
/// filter is that of libjpeg. Components at half the width, half the width and height, or half the height are interpolated, the first two
/// only if they are more than 2 samples wide; samples of other components are repeated.
/// </summary>
internal struct ComponentUpsampler
{
    private readonly JpegComponent _component;
    private readonly int _width;
    private readonly int _horizontal;
    private readonly int _vertical;
    private readonly int _maxHorizontal;
    private readonly int _maxVertical;
    private readonly bool _doublesWidth;
    private readonly bool _doublesHeight;
    private byte[]? _row;
    private ushort[]? _sums;

    public ComponentUpsampler(JpegComponent component, JpegFrame frame)
    {
        _component = component;
        _width = frame.OutputWidth;
        _horizontal = component.HorizontalSampling * component.BlockSize / frame.BlockSize;
        _vertical = component.VerticalSampling * component.BlockSize / frame.BlockSize;
        _maxHorizontal = frame.MaxHorizontalSampling;
        _maxVertical = frame.MaxVerticalSampling;

        // Like libjpeg, this does not interpolate where a block is a single pixel.
        bool interpolates = frame.BlockSize > 1;
        bool sameWidth = _horizontal == _maxHorizontal;
        bool sameHeight = _vertical == _maxVertical;
        bool halfWidth = 2 * _horizontal == _maxHorizontal;
        bool halfHeight = 2 * _vertical == _maxVertical;
        _doublesWidth = interpolates && halfWidth && component.Width > 2 && (sameHeight || halfHeight);
        _doublesHeight = interpolates && halfHeight && (sameWidth || _doublesWidth);

        if (!sameWidth || _doublesHeight)
        {
            _row = ArrayPool<byte>.Shared.Rent(Math.Max(_width, 2 * component.Width));
        }

        if (_doublesWidth || _doublesHeight)
        {
            _sums = ArrayPool<ushort>.Shared.Rent(component.Width + 2);
        }
    }

    /// <summary>Whether a row of the image needs the row of the component that follows its own.</summary>
    public readonly bool LooksAhead => _doublesHeight;

    /// <summary>
    /// Returns row <paramref name="y"/> at the size of the image: at least one sample per column, valid until the next call.
    /// </summary>
    public readonly ReadOnlySpan<byte> Row(int y)
    {
        // libjpeg does not support ratios that are not integers; here, a pixel takes the sample that covers its upper left corner.
        int sourceY = Math.Min(y * _vertical / _maxVertical, _component.Height - 1);
        ReadOnlySpan<byte> source = SourceRow(sourceY);
        if (_row is null)
        {
            return source;
        }

        if (!_doublesWidth && !_doublesHeight)
        {
            Repeat(source);
            return _row;
        }

        int width = _component.Width;
        Span<ushort> sums = _sums.AsSpan(1, width);
        int further = (y & 1) == 0 ? Math.Max(sourceY - 1, 0) : Math.Min(sourceY + 1, _component.Height - 1);
        if (!_doublesWidth)
        {
            FancyUpsampling.Weigh(source, SourceRow(further), sums, VectorSupport.Bits);
            FancyUpsampling.Quarter(sums, (y & 1) + 1, _row);
            return _row;
        }

        if (_doublesHeight)
        {
            FancyUpsampling.Weigh(source, SourceRow(further), sums, VectorSupport.Bits);
        }
        else
        {
            FancyUpsampling.Widen(source, sums);
        }

        // The edges repeat: the first and last samples are their own neighbors.
        _sums![0] = sums[0];
        _sums[width + 1] = sums[width - 1];
        FancyUpsampling.Double(
            _sums.AsSpan(0, width + 2),
            leftRounding: _doublesHeight ? 8 : 1,
            rightRounding: _doublesHeight ? 7 : 2,
            shift: _doublesHeight ? 4 : 2,
            _row,
            VectorSupport.Bits);
        return _row;
    }

    public void Return()
    {
        if (_row is not null)
        {
            ArrayPool<byte>.Shared.Return(_row);
            _row = null;
        }

        if (_sums is not null)
        {
            ArrayPool<ushort>.Shared.Return(_sums);
            _sums = null;
        }
    }

    private readonly ReadOnlySpan<byte> SourceRow(int y) =>
        _component.Samples.AsSpan(y % _component.StoredRows * _component.Stride, _component.Width);

    private readonly void Repeat(ReadOnlySpan<byte> source)
    {
        Span<byte> target = _row.AsSpan(0, _width);
        int position = 0;
        int sourceX = 0;
        for (int x = 0; x < target.Length; x++)
        {
            target[x] = source[sourceX];
            position += _horizontal;
            if (position >= _maxHorizontal)
            {
                position -= _maxHorizontal;
                sourceX = Math.Min(sourceX + 1, source.Length - 1);
            }
        }
    }
}
