using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Collections;
using static SimNet.Models.TensorProto.Types;

namespace SimNet.Models;

/// <summary>Reads and writes the tensors of an ONNX file.</summary>
internal static class OnnxTensor
{
    /// <summary>The largest supported number of dimensions.</summary>
    public const int MaxRank = 8;

    /// <summary>Writes a tensor in 32 bits, or rounded to 16 bits.</summary>
    public static TensorProto Write(string name, WeightTensor tensor, bool inHalf)
    {
        SafetensorsType type = inHalf ? SafetensorsType.F16 : SafetensorsType.F32;
        byte[] bytes = new byte[checked(tensor.Values.Length * SafetensorsValues.SizeOf(type))];
        SafetensorsValues.Write(type, tensor.Values.Span, bytes);
        var proto = new TensorProto
        {
            Name = name,
            DataType = (int)(inHalf ? DataType.Float16 : DataType.Float),
            RawData = UnsafeByteOperations.UnsafeWrap(bytes),
        };
        foreach (int dimension in tensor.Dimensions)
        {
            proto.Dims.Add(dimension);
        }

        return proto;
    }

    /// <summary>Reads a tensor. Checks that its dimensions match the data before memory is allocated.</summary>
    /// <exception cref="FormatException">
    /// The dimensions do not match the data, the data type is not supported, or the data is in another file.
    /// </exception>
    public static OnnxConstant Read(TensorProto tensor)
    {
        string location = $"tensor '{tensor.Name}'";
        if (tensor.DataLocation == DataLocation.External || tensor.ExternalData.Count > 0)
        {
            string file = tensor.ExternalData.FirstOrDefault(entry => entry.Key == "location")?.Value ?? "?";
            throw new FormatException(
                $"{location} has external data in '{file}', which is not supported; save the model as a single file");
        }

        if (tensor.Dims.Count > MaxRank)
        {
            throw new FormatException($"{location} has {tensor.Dims.Count} dimensions; at most {MaxRank} are supported");
        }

        long count = 1;
        foreach (long dimension in tensor.Dims)
        {
            count = dimension is >= 0 and <= int.MaxValue && count * dimension <= Array.MaxLength
                ? count * dimension
                : throw new FormatException(
                    $"{location} has shape [{string.Join(", ", tensor.Dims)}]; "
                    + $"expected dimensions of at least 0 and at most {Array.MaxLength} values");
        }

        ImmutableArray<int> dimensions = [.. tensor.Dims.Select(dimension => (int)dimension)];
        var type = (DataType)tensor.DataType;
        return type switch
        {
            DataType.Float => Numbers(Raw(sizeof(float)) is { } raw ? Convert(raw, SafetensorsType.F32) : List(tensor.FloatData)),
            DataType.Double => Numbers(Raw(sizeof(double)) is { } raw ? Convert(raw, SafetensorsType.F64) : Narrow(tensor.DoubleData)),
            DataType.Float16 => Numbers(Raw(sizeof(short)) is { } raw
                ? Convert(raw, SafetensorsType.F16)
                : Widen(tensor.Int32Data, bits => (float)BitConverter.UInt16BitsToHalf(bits))),
            DataType.Bfloat16 => Numbers(Raw(sizeof(short)) is { } raw
                ? Convert(raw, SafetensorsType.BF16)
                : Widen(tensor.Int32Data, bits => BitConverter.Int32BitsToSingle(bits << 16))),
            DataType.Int64 => Integers(Raw(sizeof(long)) is { } raw ? Whole(raw.Span, sizeof(long)) : List(tensor.Int64Data)),
            DataType.Int32 => Integers(Raw(sizeof(int)) is { } raw ? Whole(raw.Span, sizeof(int)) : Int32List()),
            DataType.Bool or DataType.Uint8 => Integers(Raw(1) is { } raw ? Whole(raw.Span, 1) : Int32List()),
            DataType.Int8 => Integers(Raw(1) is { } raw ? [.. Whole(raw.Span, 1).Select(value => (long)(sbyte)value)] : Int32List()),
            _ => throw new FormatException(
                $"{location} has data type {type}; expected {nameof(DataType.Float)}, {nameof(DataType.Double)}, "
                + $"{nameof(DataType.Float16)}, {nameof(DataType.Bfloat16)}, {nameof(DataType.Int64)}, {nameof(DataType.Int32)}, "
                + $"{nameof(DataType.Uint8)}, {nameof(DataType.Int8)}, or {nameof(DataType.Bool)}"),
        };

        OnnxConstant Numbers(float[] values) => new(dimensions, values) { TensorName = tensor.Name };

        OnnxConstant Integers(long[] values) => new(dimensions, values) { TensorName = tensor.Name };

        ReadOnlyMemory<byte>? Raw(int size)
        {
            if (!tensor.HasRawData)
            {
                return null;
            }

            return tensor.RawData.Length == count * size
                ? tensor.RawData.Memory
                : throw new FormatException(
                    $"{location} has shape [{string.Join(", ", tensor.Dims)}] with {size} bytes per value, "
                    + $"but {tensor.RawData.Length} bytes");
        }

        RepeatedField<T> Counted<T>(RepeatedField<T> values) => values.Count == count
            ? values
            : throw new FormatException($"{location} has shape [{string.Join(", ", tensor.Dims)}] but {values.Count} values");

        long[] Int32List() => [.. List(tensor.Int32Data).Select(value => (long)value)];

        T[] List<T>(RepeatedField<T> values)
        {
            T[] list = new T[Counted(values).Count];
            values.CopyTo(list, 0);
            return list;
        }

        float[] Narrow(RepeatedField<double> values)
        {
            float[] list = [.. Counted(values).Select(value => (float)value)];
            return list;
        }

        float[] Widen(RepeatedField<int> values, Func<ushort, float> widen) =>
            [.. Counted(values).Select(bits => bits is >= 0 and <= ushort.MaxValue
                ? widen((ushort)bits)
                : throw new FormatException($"{location} contains {bits}; expected the bits of a 16-bit value"))];

        float[] Convert(ReadOnlyMemory<byte> bytes, SafetensorsType type)
        {
            float[] list = new float[count];
            int inexact = SafetensorsValues.Convert(type, bytes.Span, list);
            return inexact < 0 ? list : throw new FormatException($"{location} has a value that float32 cannot represent");
        }
    }

    private static long[] Whole(ReadOnlySpan<byte> bytes, int size)
    {
        long[] values = new long[bytes.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> value = bytes[(i * size)..];
            values[i] = size switch
            {
                sizeof(long) => BinaryPrimitives.ReadInt64LittleEndian(value),
                sizeof(int) => BinaryPrimitives.ReadInt32LittleEndian(value),
                _ => value[0],
            };
        }

        return values;
    }
}
