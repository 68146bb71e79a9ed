using Google.Protobuf;
using static SimNet.Models.TensorProto.Types;

namespace SimNet.Models;

/// <summary>Converts a graph of double precision to single precision: its input, its tensors, its casts, and its outputs.</summary>
internal static class OnnxPrecision
{
    /// <returns>Whether the graph has double precision and was converted. A graph with subgraphs is not.</returns>
    /// <exception cref="FormatException">A tensor is damaged, or has a value that float32 cannot represent.</exception>
    public static bool TryNarrow(ModelProto model)
    {
        GraphProto? graph = model.Graph;
        if (graph is null || graph.Node.Any(node => node.Attribute.Any(IsUnknown)))
        {
            return false;
        }

        bool changed = false;
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output))
        {
            if (value.Type?.TensorType is { ElemType: (int)DataType.Double } type)
            {
                type.ElemType = (int)DataType.Float;
                changed = true;
            }
        }

        for (int i = 0; i < graph.Initializer.Count; i++)
        {
            changed |= Narrow(graph.Initializer[i]);
        }

        foreach (NodeProto node in graph.Node)
        {
            foreach (AttributeProto attribute in node.Attribute)
            {
                changed |= attribute.T is { } tensor && Narrow(tensor);
                if (node.OpType == "Cast" && attribute is { Name: "to", I: (int)DataType.Double })
                {
                    attribute.I = (int)DataType.Float;
                    changed = true;
                }
            }
        }

        return changed;
    }

    private static bool Narrow(TensorProto tensor)
    {
        if (tensor.DataType != (int)DataType.Double)
        {
            return false;
        }

        OnnxConstant constant = OnnxTensor.Read(tensor);
        TensorProto narrow = OnnxTensor.Write(tensor.Name, new WeightTensor(constant.Dimensions, constant.Numbers!), inHalf: false);
        tensor.DoubleData.Clear();
        tensor.RawData = narrow.RawData;
        tensor.DataType = narrow.DataType;
        return true;
    }

    /// <summary>Whether an attribute holds what this library does not read, such as a subgraph.</summary>
    private static bool IsUnknown(AttributeProto attribute) =>
        attribute is { HasF: false, HasI: false, HasS: false, T: null, Floats.Count: 0, Ints.Count: 0, HasType: false };
}
