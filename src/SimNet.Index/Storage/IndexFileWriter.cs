using System.Buffers.Binary;

namespace SimNet.Index;

/// <summary>Writes an index file; <see cref="IndexFileHeader"/> describes the layout.</summary>
internal sealed unsafe class IndexFileWriter(IndexKind kind, VectorRows rows)
{
    private const int BytesPerWrite = 1 << 24;

    private readonly List<(IndexSection Kind, nint Start, long Length)> _sections = [];
    private readonly List<Array> _copies = [];

    /// <summary>Adds a section whose memory <see cref="Write"/> reads.</summary>
    public void Add<T>(IndexSection section, T* items, long count)
        where T : unmanaged => _sections.Add((section, (nint)items, count * sizeof(T)));

    /// <summary>Adds a section of one item.</summary>
    public void Add<T>(IndexSection section, T item)
        where T : unmanaged => AddCopy(section, [item]);

    /// <summary>Adds a copy of items in managed memory or on the stack as a section.</summary>
    public void AddCopy<T>(IndexSection section, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        T[] copy = GC.AllocateUninitializedArray<T>(items.Length, pinned: true);
        items.CopyTo(copy);
        _copies.Add(copy);
        fixed (T* start = copy)
        {
            // The array is in the pinned heap and referenced by this writer.
            Add(section, start, copy.Length);
        }
    }

    /// <summary>Writes the added sections and the rows.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="source">The file that <paramref name="memory"/> maps, or <see langword="null"/>.</param>
    /// <param name="memory">The memory that the sections lie in.</param>
    /// <param name="owner">The index, for exceptions.</param>
    public void Write(string path, string? source, IndexMemory memory, IVectorIndex owner)
    {
        IndexFileHeader.RequireLittleEndian();
        if (OperatingSystem.IsWindows() && source is not null
            && string.Equals(Path.GetFullPath(path), source, StringComparison.OrdinalIgnoreCase))
        {
            throw new IOException($"{path}: this index maps the file, and Windows cannot replace a mapped file; save to another path.");
        }

        using IndexMemory.Lease lease = memory.Enter(owner);
        Add(IndexSection.Vectors, rows.Pointer, rows.Length);
        byte[] header = Header(out long[] offsets);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            for (int i = 0; i < _sections.Count; i++)
            {
                stream.Write(new byte[offsets[i] - stream.Position]);
                WriteBlock(stream, (byte*)_sections[i].Start, _sections[i].Length);
            }
        });
        GC.KeepAlive(_copies);
    }

    private static void WriteBlock(FileStream stream, byte* start, long length)
    {
        for (long done = 0; done < length; done += BytesPerWrite)
        {
            stream.Write(new ReadOnlySpan<byte>(start + done, (int)Math.Min(BytesPerWrite, length - done)));
        }
    }

    private byte[] Header(out long[] offsets)
    {
        int size = IndexFileHeader.Size(_sections.Count);
        var bytes = new byte[size];
        Span<byte> header = bytes;
        IndexFileHeader.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], IndexFileHeader.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)rows.Metric);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)rows.Dimensions);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], rows.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], (uint)_sections.Count);

        offsets = new long[_sections.Count];
        long end = size;
        for (int i = 0; i < _sections.Count; i++)
        {
            (IndexSection section, nint start, long length) = _sections[i];
            offsets[i] = IndexFileHeader.Align(end);
            end = offsets[i] + length;
            Span<byte> entry = header[(IndexFileHeader.FixedSize + (i * IndexFileHeader.SectionSize))..];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)section);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], IndexFileHeader.Checksum((byte*)start, length));
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], length);
        }

        uint checksum = IndexFileHeader.Checksum(header[..(size - IndexFileHeader.ChecksumSize)]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(size - IndexFileHeader.ChecksumSize)..], checksum);
        return bytes;
    }
}
