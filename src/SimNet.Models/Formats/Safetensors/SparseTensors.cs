using System.Numerics;

namespace SimNet.Models;

/// <summary>
/// Tensors of mostly zeros in a model file. In place of the tensor NAME stand two: <c>simnet.mask.NAME</c>, bytes of which bit i % 8 of
/// number i / 8 says whether value i is there, and <c>simnet.values.NAME</c>, those values in order. The shape is the network's.
/// A value is left out where all its bits are 0: -0 is kept.
/// </summary>
internal static class SparseTensors
{
    private const string MaskPrefix = Model.ReservedPrefix + "mask.";
    private const string ValuesPrefix = Model.ReservedPrefix + "values.";

    /// <summary>About what a second tensor adds to the header.</summary>
    private const int HeaderBytes = 128;

    /// <summary>The mask and the values, or null where the tensor is smaller as it is.</summary>
    public static (SafetensorsTensor Mask, SafetensorsTensor Values)? Pack(SafetensorsTensor tensor)
    {
        ReadOnlySpan<float> values = tensor.Values.Span;
        int there = 0;
        foreach (float value in values)
        {
            there += IsThere(value) ? 1 : 0;
        }

        int size = SafetensorsValues.SizeOf(tensor.Type);
        if ((long)values.Length * size <= MaskLength(values.Length) + (long)there * size + HeaderBytes)
        {
            return null;
        }

        float[] mask = new float[MaskLength(values.Length)], packed = new float[there];
        int next = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (IsThere(values[i]))
            {
                mask[i / 8] += 1 << i % 8;
                packed[next++] = values[i];
            }
        }

        return (new SafetensorsTensor(MaskPrefix + tensor.Name, SafetensorsType.U8, [mask.Length], mask),
            new SafetensorsTensor(ValuesPrefix + tensor.Name, tensor.Type, [there], packed));
    }

    /// <summary>The network's tensors, those that were packed unpacked; what is none of the network's stays for others to refuse.</summary>
    /// <exception cref="ModelFormatException">A mask or its values do not fit the network or each other.</exception>
    public static StateDict Unpack(Network network, StateDict stored, string? file)
    {
        var tensors = stored.ToDictionary(StringComparer.Ordinal);
        foreach (ParameterInfo parameter in network.Parameters)
        {
            if (!tensors.ContainsKey(parameter.Name) && tensors.Remove(MaskPrefix + parameter.Name, out WeightTensor? mask))
            {
                if (!tensors.Remove(ValuesPrefix + parameter.Name, out WeightTensor? values))
                {
                    throw new ModelFormatException($"'{parameter.Name}' has a mask without values", file);
                }

                tensors.Add(parameter.Name, Unpack(parameter, mask, values, file));
            }
        }

        return new StateDict(tensors);
    }

    private static WeightTensor Unpack(ParameterInfo parameter, WeightTensor mask, WeightTensor values, string? file)
    {
        // Everything is checked before memory is taken for the whole tensor.
        int count = parameter.Count;
        ReadOnlySpan<float> bytes = mask.Values.Span;
        if (mask.Dimensions.Length != 1 || bytes.Length != MaskLength(count) || values.Dimensions.Length != 1)
        {
            throw new ModelFormatException(
                $"the mask of '{parameter.Name}' is [{string.Join(", ", mask.Dimensions)}], its values [{string.Join(", ", values.Dimensions)}]; expected [{MaskLength(count)}] and one dimension", file);
        }

        long there = 0;
        foreach (float value in bytes)
        {
            there += value is >= 0 and <= byte.MaxValue && (byte)value == value ? BitOperations.PopCount((byte)value)
                : throw new ModelFormatException($"the mask of '{parameter.Name}' has {value}; expected bytes", file);
        }

        if (there != values.Values.Length || (count % 8 != 0 && (byte)bytes[^1] >> count % 8 != 0))
        {
            throw new ModelFormatException($"the mask of '{parameter.Name}' names {there} values, {values.Values.Length} are there; expected the same number, all of them among the tensor's {count}", file);
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

    private static bool IsThere(float value) => BitConverter.SingleToInt32Bits(value) != 0;

    private static int MaskLength(int count) => (int)((count + 7L) / 8);
}
