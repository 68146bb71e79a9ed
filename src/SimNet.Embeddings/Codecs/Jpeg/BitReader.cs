using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>
/// Reads bits, most significant first, from bytes without stuffing. It does not check for the end of the bytes: <see cref="Padding"/> zeros
/// follow them, more than one block can consume, and a decoder checks <see cref="IsPastEnd"/> after every block.
/// </summary>
internal ref struct BitReader
{
    /// <summary>
    /// A block takes at most 64 codes of 16 bits with 15 magnitude bits each, which is 248 bytes; refilling reads 16 bytes ahead.
    /// </summary>
    public const int Padding = 320;

    private readonly ref byte _source;
    private ulong _bits;
    private int _count;
    private int _position;

    /// <summary>Creates a reader at the start of <paramref name="bytes"/>, which end in <see cref="Padding"/> zeros.</summary>
    public BitReader(ReadOnlySpan<byte> bytes) => _source = ref MemoryMarshal.GetReference(bytes);

    /// <summary>The next bits, in the most significant positions; those that were last ensured are valid.</summary>
    public readonly ulong Bits => _bits;

    /// <summary>The number of bits consumed.</summary>
    public readonly long Consumed => ((long)_position << 3) - _count;

    /// <summary>Whether more bits than those of <paramref name="length"/> bytes are consumed.</summary>
    public readonly bool IsPastEnd(int length) => Consumed > (long)length << 3;

    /// <summary>Ensures 32 valid bits: enough for a code and its magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ensure32()
    {
        if (_count < 32)
        {
            // Only whole bytes are counted, up to at least 56 bits. The bits beyond are loaded too, and the next refill loads them again.
            ulong next = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref _source, _position));
            _bits |= (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(next) : next) >> _count;
            _position += (63 - _count) >> 3;
            _count |= 56;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int count)
    {
        _bits <<= count;
        _count -= count;
    }

    /// <summary>Consumes 0 to 16 bits that have been ensured.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int count)
    {
        int value = (int)(_bits >> 1 >> (63 - count));
        Skip(count);
        return value;
    }

    /// <summary>Ensures and consumes one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeBit()
    {
        Ensure32();
        return Take(1);
    }

    /// <summary>
    /// Ensures 32 bits and decodes a symbol, which leaves at least 16 ensured bits for its magnitude. Returns -1 for an invalid code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeSymbol(HuffmanTable table)
    {
        Ensure32();
        int entry = Unsafe.Add(ref MemoryMarshal.GetReference(table.Symbols), (int)(_bits >> (64 - HuffmanTable.LookupBits)));
        if (entry == 0)
        {
            entry = table.DecodeLong(_bits);
            if (entry == 0)
            {
                return -1;
            }
        }

        Skip(entry & 255);
        return entry >> 8;
    }
}
