using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Embeddings;

/// <summary>
/// Bits from the top of each byte down, out of bytes without stuffing. It does not check where the bytes end: they are followed by
/// <see cref="Padding"/> zeros, more than one block can take, and whoever decodes asks <see cref="IsPast"/> after every block.
/// </summary>
internal ref struct BitReader
{
    /// <summary>A block takes at most 64 codes of 16 bits with 15 magnitude bits each, which is 248 bytes; refilling reads 16 bytes ahead.</summary>
    public const int Padding = 320;

    private readonly ref byte _source;
    private ulong _bits;
    private int _count;
    private int _position;

    /// <summary>A reader at the first of <paramref name="bytes"/>, which end in <see cref="Padding"/> zeros.</summary>
    public BitReader(ReadOnlySpan<byte> bytes) => _source = ref MemoryMarshal.GetReference(bytes);

    /// <summary>The next bits, from the top; at least as many are valid as were last ensured.</summary>
    public readonly ulong Bits => _bits;

    /// <summary>Bits taken so far.</summary>
    public readonly long Taken => ((long)_position << 3) - _count;

    public readonly bool IsPast(int length) => Taken > (long)length << 3;

    /// <summary>Makes 32 bits valid: enough for a code and its magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ensure32()
    {
        if (_count < 32)
        {
            // Whole bytes are counted in, up to 56 bits or more; the bits beyond are put in too, and put in again, the same, next time.
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

    /// <summary>Takes 0 to 16 bits that have been ensured.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int count)
    {
        int value = (int)(_bits >> 1 >> (63 - count));
        Skip(count);
        return value;
    }

    /// <summary>Ensures and takes one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeBit()
    {
        Ensure32();
        return Take(1);
    }

    /// <summary>Ensures 32 bits and takes a code; at least 16 ensured bits are left for its magnitude. -1 where the bits are no code.</summary>
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
