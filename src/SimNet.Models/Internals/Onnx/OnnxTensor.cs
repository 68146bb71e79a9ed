using Google.Protobuf;

namespace SimNet.Models;

/// <summary>Tensors of an ONNX file.</summary>
internal static class OnnxTensor
{
    /// <summary>A tensor of 32 bits, or rounded to 16.</summary>
    public static TensorProto Write(string name, WeightTensor tensor, bool inHalf)
    {
        SafetensorsType type = inHalf ? SafetensorsType.F16 : SafetensorsType.F32;
        byte[] bytes = new byte[checked(tensor.Values.Length * SafetensorsValues.SizeOf(type))];
        SafetensorsValues.Write(type, tensor.Values.Span, bytes);
        var proto = new TensorProto
        {
            Name = name,
            DataType = (int)(inHalf ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float),
            RawData = UnsafeByteOperations.UnsafeWrap(bytes),
        };
        foreach (int dimension in tensor.Dimensions)
        {
            proto.Dims.Add(dimension);
        }

        return proto;
    }
}
