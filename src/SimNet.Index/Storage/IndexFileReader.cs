using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Index;

/// <summary>
/// Maps an index file and checks it: the header always, the contents on request. Every value of the file is checked against the length of
/// the file before it is used, so that none can lead outside the mapping. <see cref="IndexFileHeader"/> describes the layout.
/// </summary>
internal sealed unsafe class IndexFileReader
{
    private static readonly IndexSection[] RowSections =
    [
        IndexSection.Projection,
        IndexSection.Mean,
        IndexSection.Basis,
        IndexSection.Step,
        IndexSection.Codes,
        IndexSection.Bounds,
        IndexSection.Vectors,
    ];

    private static readonly IndexSection[] ForestSections =
    [
        IndexSection.Parameters,
        IndexSection.Roots,
        IndexSection.Nodes,
        IndexSection.Normals,
        IndexSection.Leaves,
        IndexSection.Recall,
    ];

    private static readonly IndexSection[] GraphSections =
        [IndexSection.Parameters, IndexSection.Entries, IndexSection.EntryPoints, IndexSection.Links, IndexSection.Recall];

    private readonly Dictionary<IndexSection, (long Offset, long Length)> _sections = [];

    private IndexFileReader(string path, bool verifyContents, IndexMemory memory)
    {
        Path = path;
        VerifiesContents = verifyContents;
        Memory = memory;
    }

    public IndexMemory Memory { get; }

    public string Path { get; }

    /// <summary>Whether to verify the contents of all sections, which reads the whole file.</summary>
    public bool VerifiesContents { get; }

    public IndexKind Kind { get; private set; }

    public Metric Metric { get; private set; }

    public int Dimensions { get; private set; }

    public int Count { get; private set; }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The mapping closes the stream.")]
    public static IndexFileReader Open(string path, bool verifyContents)
    {
        IndexFileHeader.RequireLittleEndian();
        path = System.IO.Path.GetFullPath(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        long length = stream.Length;
        if (length < IndexFileHeader.Size(0))
        {
            stream.Dispose();
            throw new IndexFormatException(path, "header", $"the file has {length} bytes; expected at least {IndexFileHeader.Size(0)}");
        }

        var reader = new IndexFileReader(path, verifyContents, IndexMemory.Map(stream));
        try
        {
            reader.ReadHeader(length);
            return reader;
        }
        catch
        {
            reader.Memory.Dispose();
            throw;
        }
    }

    public IndexFormatException Invalid(IndexSection section, string problem) => new(Path, Name(section), problem);

    /// <summary>The number of items in a section.</summary>
    public long ItemCount<T>(IndexSection section)
        where T : unmanaged
    {
        long length = Find(section).Length;
        return length % sizeof(T) == 0
            ? length / sizeof(T)
            : throw Invalid(section, $"{length} bytes are not a multiple of the item size, {sizeof(T)} bytes");
    }

    /// <summary>The items of a section, which must hold exactly this many.</summary>
    public T* Items<T>(IndexSection section, long expectedCount)
        where T : unmanaged
    {
        (long offset, long length) = Find(section);
        return length == expectedCount * sizeof(T)
            ? (T*)(Memory.Start + offset)
            : throw Invalid(section, $"has {length} bytes; expected {expectedCount} items of {sizeof(T)} bytes");
    }

    /// <summary>The rows; verified component by component if contents are verified.</summary>
    public VectorRows Rows() => Rows(IndexSection.Vectors, Count);

    /// <summary>The rows of a section; verified component by component if contents are verified.</summary>
    public VectorRows Rows(IndexSection section, int count)
    {
        long length = (long)count * VectorRows.StrideOf(Dimensions);
        var rows = new VectorRows(Items<float>(section, length), count, Dimensions, Metric, Memory);
        for (int id = 0; VerifiesContents && id < count; id++)
        {
            double squares = VectorRows.SumOfSquares(new ReadOnlySpan<float>(rows.Row(id), Dimensions));
            if (!(squares <= VectorRows.MaxNorm * VectorRows.MaxNorm))
            {
                throw Invalid(section, $"row {id} has a component that is not finite or is too large");
            }

            if (Metric == Metric.Cosine && squares != 0 && Math.Abs(squares - 1) > 1e-3)
            {
                throw Invalid(section, $"row {id} is not normalized: its squared norm is {squares:g6}; expected 0 or 1");
            }

            if (new ReadOnlySpan<float>(rows.Row(id) + Dimensions, rows.Stride - Dimensions).ContainsAnyExcept(0f))
            {
                throw Invalid(section, $"the padding of row {id} is not zero");
            }
        }

        return rows;
    }

    /// <summary>The values of a section, which must hold exactly this many; verified to be finite if contents are verified.</summary>
    public float* Floats(IndexSection section, long expectedCount)
    {
        float* numbers = Items<float>(section, expectedCount);
        for (long i = 0; VerifiesContents && i < expectedCount; i++)
        {
            if (!float.IsFinite(numbers[i]))
            {
                throw Invalid(section, $"value {i} is not finite");
            }
        }

        return numbers;
    }

    /// <summary>A section of vectors with the layout of the rows; verified to be finite if contents are verified.</summary>
    public float* Vectors(IndexSection section, out int count)
    {
        int stride = VectorRows.StrideOf(Dimensions);
        long numbers = ItemCount<float>(section);
        if (numbers % stride != 0 || numbers / stride > int.MaxValue)
        {
            throw Invalid(section, $"{numbers} values are not a multiple of the vector length, {stride}");
        }

        count = (int)(numbers / stride);
        float* vectors = Items<float>(section, numbers);
        for (int i = 0; VerifiesContents && i < count; i++)
        {
            if (!double.IsFinite(VectorRows.SumOfSquares(new ReadOnlySpan<float>(vectors + ((long)i * stride), stride))))
            {
                throw Invalid(section, $"vector {i} has a component that is not finite");
            }
        }

        return vectors;
    }

    /// <summary>Throws unless the file has exactly the sections of a kind of index.</summary>
    public void RequireSections(IndexKind kind)
    {
        IndexSection[] own = kind switch
        {
            IndexKind.Forest => ForestSections,
            IndexKind.Graph => GraphSections,
            _ => [],
        };
        IndexSection[] expected = [.. own, .. RowSections];
        if (_sections.Count != expected.Length)
        {
            throw Invalid($"has {_sections.Count} sections; expected {expected.Length}");
        }

        foreach (IndexSection section in expected)
        {
            Find(section);
        }
    }

    /// <summary>Treats the file from now on as one of another kind, without some of its sections.</summary>
    public void Unwrap(IndexKind kind, ReadOnlySpan<IndexSection> sections)
    {
        Kind = kind;
        foreach (IndexSection section in sections)
        {
            _sections.Remove(section);
        }
    }

#pragma warning disable CA1308 // Section names are written in lower case.
    private static string Name(IndexSection section) =>
        Enum.IsDefined(section) ? section.ToString().ToLowerInvariant() : $"section {(int)section}";
#pragma warning restore CA1308

    private IndexFormatException Invalid(string problem) => new(Path, "header", problem);

    private (long Offset, long Length) Find(IndexSection section) => _sections.TryGetValue(section, out (long Offset, long Length) found)
        ? found
        : throw Invalid($"the section '{Name(section)}' is missing");

    private void ReadHeader(long fileLength)
    {
        var start = new ReadOnlySpan<byte>(Memory.Start, IndexFileHeader.FixedSize);
        if (!start.StartsWith(IndexFileHeader.Magic))
        {
            throw Invalid("does not start with 'SIMNETIX': not an index file");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (version != IndexFileHeader.Version)
        {
            throw Invalid($"format version {version}; this library reads version {IndexFileHeader.Version}");
        }

        uint sectionCount = BinaryPrimitives.ReadUInt32LittleEndian(start[32..]);
        if (sectionCount > IndexFileHeader.MaxSections)
        {
            throw Invalid($"{sectionCount} sections; expected at most {IndexFileHeader.MaxSections}");
        }

        int size = IndexFileHeader.Size((int)sectionCount);
        if (size > fileLength)
        {
            throw Invalid($"the file has {fileLength} bytes; the header alone takes {size}");
        }

        var header = new ReadOnlySpan<byte>(Memory.Start, size);
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(header[^IndexFileHeader.ChecksumSize..]);
        uint actual = IndexFileHeader.Checksum(header[..^IndexFileHeader.ChecksumSize]);
        if (actual != expected)
        {
            throw Invalid($"checksum {actual:x8}; expected {expected:x8}");
        }

        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        uint metric = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        uint dimensions = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        Kind = Enum.IsDefined((IndexKind)kind) ? (IndexKind)kind : throw Invalid($"index kind {kind} is unknown");
        Metric = metric <= (uint)Metric.InnerProduct ? (Metric)metric : throw Invalid($"metric {metric} is unknown");
        Dimensions = dimensions is >= 1 and <= VectorRows.MaxDimensions
            ? (int)dimensions
            : throw Invalid($"{dimensions} dimensions; expected 1 to {VectorRows.MaxDimensions}");
        Count = count <= int.MaxValue ? (int)count : throw Invalid($"{count} rows; expected at most {int.MaxValue}");
        ReadSections(header, (int)sectionCount, fileLength);
    }

    private void ReadSections(ReadOnlySpan<byte> header, int sectionCount, long fileLength)
    {
        long end = header.Length;
        for (int i = 0; i < sectionCount; i++)
        {
            ReadOnlySpan<byte> entry = header[(IndexFileHeader.FixedSize + (i * IndexFileHeader.SectionSize))..];
            uint number = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            var section = (IndexSection)number;
            uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            if (offset != (ulong)IndexFileHeader.Align(end))
            {
                throw Invalid(section, $"starts at byte {offset}; expected {IndexFileHeader.Align(end)}");
            }

            if (offset > (ulong)fileLength || length > (ulong)fileLength - offset)
            {
                throw Invalid(section, $"ends at byte {(UInt128)offset + length}; the file has {fileLength} bytes");
            }

            if (new ReadOnlySpan<byte>(Memory.Start + end, (int)((long)offset - end)).ContainsAnyExcept((byte)0))
            {
                throw Invalid(section, $"the gap before it, from byte {end}, is not zero");
            }

            if (!_sections.TryAdd(section, ((long)offset, (long)length)))
            {
                throw Invalid(section, "occurs twice");
            }

            end = (long)(offset + length);
            if (VerifiesContents)
            {
                uint actual = IndexFileHeader.Checksum(Memory.Start + offset, (long)length);
                if (actual != checksum)
                {
                    throw Invalid(section, $"checksum {actual:x8}; expected {checksum:x8}");
                }
            }
        }

        if (end != fileLength)
        {
            throw Invalid($"the sections end at byte {end}; the file has {fileLength} bytes");
        }
    }
}
