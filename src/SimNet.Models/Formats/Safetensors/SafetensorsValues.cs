using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SimNet.Models;

/// <summary>Converts between the little-endian values of a file and float32.</summary>
internal static class SafetensorsValues
{
    /// <summary>The size of a value in bytes.</summary>
    public static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        _ => 1,
    };

    /// <summary>Converts values to float32 until <paramref name="destination"/> is full.</summary>
    /// <returns>
    /// The index of the first value that float32 cannot represent (an integer that would be rounded, or a finite double that would become
    /// infinite); -1 if there is none.
    /// </returns>
    public static int Convert(SafetensorsType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (type == SafetensorsType.F32 && BitConverter.IsLittleEndian)
        {
            source[..(destination.Length * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(destination));
            return -1;
        }

        int size = SizeOf(type);
        for (int i = 0; i < destination.Length; i++)
        {
            ReadOnlySpan<byte> value = source.Slice(i * size, size);
            float converted;
            bool exact = true;
            switch (type)
            {
                case SafetensorsType.F32:
                    converted = BinaryPrimitives.ReadSingleLittleEndian(value);
                    break;
                case SafetensorsType.F16:
                    converted = (float)BinaryPrimitives.ReadHalfLittleEndian(value);
                    break;
                case SafetensorsType.BF16:
                    // BF16 is the upper half of a float32.
                    converted = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(value) << 16);
                    break;
                case SafetensorsType.F64:
                    double wide = BinaryPrimitives.ReadDoubleLittleEndian(value);
                    converted = (float)wide;
                    exact = !float.IsInfinity(converted) || double.IsInfinity(wide);
                    break;
                case SafetensorsType.U64:
                    ulong unsigned = BinaryPrimitives.ReadUInt64LittleEndian(value);
                    converted = unsigned;
                    exact = (Int128)converted == unsigned;
                    break;
                default:
                    long integer = ReadInteger(type, value);
                    converted = integer;
                    exact = (Int128)converted == integer;
                    break;
            }

            if (!exact)
            {
                return i;
            }

            destination[i] = converted;
        }

        return -1;
    }

    /// <summary>Writes values as F32, F16 (rounded to nearest), or U8 (integers up to 255).</summary>
    public static void Write(SafetensorsType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        if (type == SafetensorsType.F32 && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(destination);
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case SafetensorsType.F32:
                    BinaryPrimitives.WriteSingleLittleEndian(destination[(i * sizeof(float))..], values[i]);
                    break;
                case SafetensorsType.F16:
                    BinaryPrimitives.WriteHalfLittleEndian(destination[(i * sizeof(short))..], (Half)values[i]);
                    break;
                case SafetensorsType.U8:
                    destination[i] = (byte)values[i];
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(type), type, "Expected F32, F16, or U8.");
            }
        }
    }

    private static long ReadInteger(SafetensorsType type, ReadOnlySpan<byte> value) => type switch
    {
        SafetensorsType.I64 => BinaryPrimitives.ReadInt64LittleEndian(value),
        SafetensorsType.I32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        SafetensorsType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(value),
        SafetensorsType.I16 => BinaryPrimitives.ReadInt16LittleEndian(value),
        SafetensorsType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(value),
        SafetensorsType.I8 => (sbyte)value[0],
        SafetensorsType.U8 => value[0],
        SafetensorsType.BOOL => value[0] == 0 ? 0 : 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected an integer type."),
    };
}
