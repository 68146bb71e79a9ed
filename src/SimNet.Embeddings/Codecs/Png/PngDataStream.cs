namespace SimNet.Embeddings;

/// <summary>
/// The compressed data of all IDAT chunks, as a stream for the decompressor. It records whether the decompressor tried to read past the
/// end, which distinguishes truncated data from complete data.
/// </summary>
internal sealed class PngDataStream(byte[] data) : Stream
{
    private int _position;

    /// <summary>Whether a read was attempted past the end.</summary>
    public bool IsExhausted { get; private set; }

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
        int count = Math.Min(buffer.Length, data.Length - _position);
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
