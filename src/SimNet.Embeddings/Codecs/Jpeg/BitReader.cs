using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>
/// Reads bits, most significant first, from bytes without stuffing. It does not check for the end of the bytes: <see cref="Padding"/> bytes
/// follow them, more than one MCU can consume, and a decoder checks <see cref="IsPastEnd"/> after every MCU.
/// </summary>
internal ref struct BitReader
{
    /// <summary>
    /// An MCU has at most 10 blocks of 64 codes, which take at most 17 bits with 15 magnitude bits each: 2,560 bytes. Refilling reads 16
    /// bytes ahead.
    /// </summary>
    public const int Padding = 4096;

    private readonly ref byte _source;
    private ulong _bits;
    private int _count;
    private int _position;

    /// <summary>Creates a reader at the start of <paramref name="bytes"/>, which end in <see cref="Padding"/> more bytes.</summary>
    public BitReader(ReadOnlySpan<byte> bytes) => _source = ref MemoryMarshal.GetReference(bytes);

    /// <summary>The next bits, in the most significant positions; those that were last ensured are valid.</summary>
    public readonly ulong Bits => _bits;

    /// <summary>The number of bits consumed; negative after <see cref="Rebase"/> by those that are loaded.</summary>
    public readonly long Consumed => ((long)_position << 3) - _count;

    /// <summary>The index of the next byte to load.</summary>
    public readonly int Position => _position;

    /// <summary>Whether more bits than those of <paramref name="length"/> bytes are consumed.</summary>
    public readonly bool IsPastEnd(int length) => Consumed > (long)length << 3;

    /// <summary>Goes on after the bytes from <see cref="Position"/> have moved to the start.</summary>
    public void Rebase() => _position = 0;

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
    /// Ensures 32 bits and decodes a symbol, which leaves at least 15 ensured bits for its magnitude. Returns -1 for an invalid code, after
    /// 17 bits, as many as libjpeg takes for it.
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
                Skip(17);
                return -1;
            }
        }

        Skip(entry & 255);
        return entry >> 8;
    }
}
