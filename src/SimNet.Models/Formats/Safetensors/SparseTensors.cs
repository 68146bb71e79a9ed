using System.Numerics;

namespace SimNet.Models;

/// <summary>
/// The encoding of sparse tensors in a model file. Two tensors replace tensor NAME: <c>simnet.mask.NAME</c>, in which bit i % 8 of byte
/// i / 8 says whether value i is stored, and <c>simnet.values.NAME</c>, the stored values in order. The shape comes from the network. A
/// value is omitted if all its bits are 0, so -0 is stored.
/// </summary>
internal static class SparseTensors
{
    private const string MaskPrefix = Model.ReservedPrefix + "mask.";
    private const string ValuesPrefix = Model.ReservedPrefix + "values.";

    /// <summary>The approximate size that a second tensor adds to the header.</summary>
    private const int HeaderBytes = 128;

    /// <summary>Encodes a tensor as mask and values; returns null if the dense tensor is smaller.</summary>
    public static (SafetensorsTensor Mask, SafetensorsTensor Values)? Pack(SafetensorsTensor tensor)
    {
        ReadOnlySpan<float> values = tensor.Values.Span;
        int nonzero = 0;
        foreach (float value in values)
        {
            nonzero += IsNonzero(value) ? 1 : 0;
        }

        int size = SafetensorsValues.SizeOf(tensor.Type);
        if ((long)values.Length * size <= MaskLength(values.Length) + (long)nonzero * size + HeaderBytes)
        {
            return null;
        }

        float[] mask = new float[MaskLength(values.Length)], packed = new float[nonzero];
        int next = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (IsNonzero(values[i]))
            {
                mask[i / 8] += 1 << i % 8;
                packed[next++] = values[i];
            }
        }

        return (new SafetensorsTensor(MaskPrefix + tensor.Name, SafetensorsType.U8, [mask.Length], mask),
            new SafetensorsTensor(ValuesPrefix + tensor.Name, tensor.Type, [nonzero], packed));
    }

    /// <summary>Decodes the sparse tensors of a network. Tensors that do not belong to the network are returned unchanged.</summary>
    /// <exception cref="ModelFormatException">A mask and its values do not match the network or each other.</exception>
    public static StateDict Unpack(Network network, StateDict stored, string? file)
    {
        var tensors = stored.ToDictionary(StringComparer.Ordinal);
        foreach (ParameterInfo parameter in network.Parameters)
        {
            if (!tensors.ContainsKey(parameter.Name) && tensors.Remove(MaskPrefix + parameter.Name, out WeightTensor? mask))
            {
                if (!tensors.Remove(ValuesPrefix + parameter.Name, out WeightTensor? values))
                {
                    throw new ModelFormatException($"'{parameter.Name}' has a mask but no values", file);
                }

                tensors.Add(parameter.Name, Unpack(parameter, mask, values, file));
            }
        }

        return new StateDict(tensors);
    }

    private static WeightTensor Unpack(ParameterInfo parameter, WeightTensor mask, WeightTensor values, string? file)
    {
        // Everything is validated before memory for the dense tensor is allocated.
        int count = parameter.Count;
        ReadOnlySpan<float> bytes = mask.Values.Span;
        if (mask.Dimensions.Length != 1 || bytes.Length != MaskLength(count) || values.Dimensions.Length != 1)
        {
            throw new ModelFormatException(
                $"'{parameter.Name}' has a mask of shape [{string.Join(", ", mask.Dimensions)}] and values of shape "
                + $"[{string.Join(", ", values.Dimensions)}]; expected [{MaskLength(count)}] and one dimension",
                file);
        }

        long nonzero = 0;
        foreach (float value in bytes)
        {
            nonzero += value is >= 0 and <= byte.MaxValue && (byte)value == value ? BitOperations.PopCount((byte)value)
                : throw new ModelFormatException($"the mask of '{parameter.Name}' contains {value}; expected bytes", file);
        }

        if (nonzero != values.Values.Length || (count % 8 != 0 && (byte)bytes[^1] >> count % 8 != 0))
        {
            throw new ModelFormatException(
                $"the mask of '{parameter.Name}' has {nonzero} bits set for {values.Values.Length} values and a tensor of {count}; "
                + "expected one bit per value, all within the tensor",
                file);
        }

        float[] whole = new float[count];
        ReadOnlySpan<float> packed = values.Values.Span;
        int next = 0;
        for (int i = 0; i < count; i++)
        {
            if (((byte)bytes[i / 8] >> i % 8 & 1) != 0)
            {
                whole[i] = packed[next++];
            }
        }

        return new WeightTensor(parameter.Dimensions, whole);
    }

    private static bool IsNonzero(float value) => BitConverter.SingleToInt32Bits(value) != 0;

    private static int MaskLength(int count) => (int)((count + 7L) / 8);
}
