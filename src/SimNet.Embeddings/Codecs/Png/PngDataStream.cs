namespace SimNet.Embeddings;

/// <summary>
/// The compressed data of all IDAT chunks, as a stream for the decompressor. The last byte is handed out alone, so that it is known whether
/// the decompressor needed all bytes, or more than there are.
/// </summary>
internal sealed class PngDataStream(byte[] data, int start) : Stream
{
    private int _position = start;

    /// <summary>Whether a read was attempted past the end.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Whether there are bytes that were not read.</summary>
    public bool HasRest => _position < data.Length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int rest = data.Length - _position, count = Math.Min(buffer.Length, rest > 1 ? rest - 1 : rest);
        IsExhausted |= count == 0;
        data.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
