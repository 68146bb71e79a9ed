using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The layout of an index file. All numbers are little-endian.
/// <code>
/// offset  size
///      0     8  the bytes "SIMNETIX"
///      8     4  format version, 3
///     12     4  kind (IndexKind)
///     16     4  metric (Metric)
///     20     4  dimensions
///     24     8  number of rows
///     32     4  number of sections, n
///     36     4  0
///     40   24n  for each section: kind (4), CRC-32C (4), offset (8), length in bytes (8)
/// 40+24n     4  CRC-32C of all bytes before it
/// </code>
/// The sections follow, each at the next multiple of 64 bytes. The file ends with the last section.
/// </summary>
internal static unsafe class IndexFileHeader
{
    public const uint Version = 3;
    public const int FixedSize = 40;
    public const int SectionSize = 24;
    public const int ChecksumSize = 4;
    public const int MaxSections = 24;
    public const int SectionAlignment = 64;

    public static ReadOnlySpan<byte> Magic => "SIMNETIX"u8;

    public static int Size(int sections) => FixedSize + (sections * SectionSize) + ChecksumSize;

    public static long Align(long offset) => (offset + SectionAlignment - 1) / SectionAlignment * SectionAlignment;

    /// <summary>The CRC-32C (Castagnoli; RFC 3720, appendix B.4) of a block, with the usual inversions.</summary>
    public static uint Checksum(byte* start, long length)
    {
        uint crc = ~0u;
        long i = 0;
        for (; i <= length - 8; i += 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start + i, 8)));
        }

        for (; i < length; i++)
        {
            crc = BitOperations.Crc32C(crc, start[i]);
        }

        return ~crc;
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = &MemoryMarshal.GetReference(bytes))
        {
            return Checksum(start, bytes.Length);
        }
    }

    /// <summary>
    /// Throws on a big-endian processor. Sections are written as they lie in memory, which is the order of the file only on a little-endian
    /// processor. .NET 10 runs on one big-endian platform, s390x.
    /// </summary>
    public static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Index files are little-endian, but this processor is big-endian.");
        }
    }
}
