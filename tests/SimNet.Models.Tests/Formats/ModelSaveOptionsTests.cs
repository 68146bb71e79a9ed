using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Models.Tests;

public class ModelSaveOptionsTests
{
    private static readonly Network Wide = new("wide", new Shape(8, 4, 4), [new Conv2d("a", 37, 3) { Padding = 1 }, new BatchNorm2d("norm"), new Conv2d("b", 5, 1)]);

    [Fact]
    public void Any_share_of_zeros_comes_back_to_the_bit_and_is_never_larger_than_plain()
    {
        Prop.ForAll(Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, 10_000).ToArbitrary(), (percent, seed) =>
        {
            Model model = Sample(percent / 100.0, seed);
            byte[] sparse = Bytes(model, new ModelSaveOptions { Sparse = true });
            Model loaded = Load(sparse);
            Assert.Null(StateDictComparison.FirstDifference(model.Weights, loaded.Weights));
            Assert.Equal(model.Id, loaded.Id);

            // The header is padded to a multiple of eight; what two tensors add to it is reckoned at 128.
            Assert.True(sparse.Length <= Bytes(model, null).Length + 8);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Minus_zero_is_a_value_and_a_tensor_of_nothing_but_zeros_comes_back()
    {
        Model model = Sample(0, 1, (name, i) => name == "b.weight" ? 0 : i % 50 == 7 ? -0f : 0);
        Model loaded = Load(Bytes(model, new ModelSaveOptions { Sparse = true }));

        Assert.Null(StateDictComparison.FirstDifference(model.Weights, loaded.Weights));
        Assert.Equal(int.MinValue, BitConverter.SingleToInt32Bits(loaded.Weights.Values("a.weight")[7]));
        Assert.True(Bytes(model, new ModelSaveOptions { Sparse = true }).Length < Bytes(model, null).Length / 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Half_precision_rounds_convolutions_weights_to_nearest_and_nothing_else(bool sparse)
    {
        Model model = Sample(0.5, 4);
        var options = new ModelSaveOptions { HalfPrecision = true, Sparse = sparse };
        Model loaded = Load(Bytes(model, options));

        foreach ((string name, WeightTensor tensor) in model.Weights)
        {
            Assert.Equal(tensor.Values.ToArray().Select(v => tensor.Dimensions.Length == 4 ? (float)(Half)v : v), loaded.Weights.Values(name));
        }

        // Rounded once, the weights stay: the same bytes again.
        Assert.NotEqual(model.Id, loaded.Id);
        Assert.Equal(Bytes(model, options), Bytes(loaded, options));
        Assert.True(Bytes(model, options).Length < Bytes(model, options with { HalfPrecision = false }).Length);
    }

    [Fact]
    public void A_weight_out_of_half_s_range_keeps_its_tensor_in_single_and_a_tiny_one_becomes_zero()
    {
        Model model = Sample(0, 1, (name, i) => i == 3 ? (name == "a.weight" ? 65_520 : 1e-9f) : 0.1f);
        Model loaded = Load(Bytes(model, new ModelSaveOptions { HalfPrecision = true }));

        Assert.Equal(model.Weights.Values("a.weight"), loaded.Weights.Values("a.weight"));
        Assert.Equal(0, loaded.Weights.Values("b.weight")[3]);
        Assert.Equal((float)(Half)0.1f, loaded.Weights.Values("b.weight")[4]);
    }

    [Theory]
    [InlineData("no values", "without values")]
    [InlineData("value missing", "names")]
    [InlineData("value too many", "names")]
    [InlineData("bit beyond the end", "names")]
    [InlineData("mask too short", "mask")]
    [InlineData("mask too long", "mask")]
    [InlineData("mask of two dimensions", "mask")]
    [InlineData("half a byte", "expected bytes")]
    [InlineData("byte of 256", "expected bytes")]
    [InlineData("byte below 0", "expected bytes")]
    [InlineData("not a number", "expected bytes")]
    [InlineData("whole tensor as well", "'simnet.mask.b.weight'")]
    [InlineData("mask of nothing", "'simnet.mask.c.weight'")]
    public void A_mask_that_lies_is_refused_by_the_tensor_s_name(string lie, string named)
    {
        // 5 x 37 values: the last byte has one bit of them.
        Network network = Wide;
        SafetensorsContent content = Content(Sample(0.9, 2));
        var tensors = content.Tensors.ToDictionary();
        const string Mask = "simnet.mask.b.weight", Values = "simnet.values.b.weight";
        float[] mask = tensors[Mask].Values.ToArray(), values = tensors[Values].Values.ToArray();
        Assert.Equal(24, mask.Length);
        switch (lie)
        {
            case "no values":
                tensors.Remove(Values);
                break;
            case "value missing":
                Put(Values, values[1..]);
                break;
            case "value too many":
                Put(Values, [.. values, 1]);
                break;
            case "bit beyond the end":
                mask[^1] += 2;
                Put(Mask, mask);
                Put(Values, [.. values, 1]);
                break;
            case "mask too short":
                Put(Mask, mask[..^1]);
                break;
            case "mask too long":
                Put(Mask, [.. mask, 0]);
                break;
            case "mask of two dimensions":
                tensors[Mask] = new WeightTensor([6, 4], mask);
                break;
            case "whole tensor as well":
                tensors["b.weight"] = new WeightTensor([5, 37, 1, 1], new float[185]);
                break;
            case "mask of nothing":
                tensors["simnet.mask.c.weight"] = tensors[Mask];
                break;
            default:
                mask[3] = lie switch { "half a byte" => 0.5f, "byte of 256" => 256, "byte below 0" => -1, _ => float.NaN };
                Put(Mask, mask);
                break;
        }

        using var file = new MemoryStream();
        SafetensorsFile.Write(file, new StateDict(tensors), content.Metadata);
        var exception = Assert.Throws<ModelFormatException>(() => Load(file.ToArray()));
        Assert.Contains(named, exception.Problem, StringComparison.Ordinal);
        Assert.Contains(lie.StartsWith("mask of nothing", StringComparison.Ordinal) ? "c.weight" : "b.weight", exception.Problem, StringComparison.Ordinal);
        Assert.Equal(185, network.Parameters.Single(p => p.Name == "b.weight").Count);

        void Put(string name, float[] changed) => tensors[name] = new WeightTensor([changed.Length], changed);
    }

    [Fact]
    public void A_small_mask_for_a_large_tensor_takes_no_memory()
    {
        var huge = new Network("huge", new Shape(8_192, 1, 1), [new Conv2d("a", 8_192, 1)]);
        var tensors = new StateDict(
        [
            new("a.bias", new WeightTensor([8_192], new float[8_192])), new("simnet.mask.a.weight", new WeightTensor([8], new float[8])), new("simnet.values.a.weight", new WeightTensor([0], ReadOnlyMemory<float>.Empty)),
        ]);
        using var file = new MemoryStream();
        SafetensorsFile.Write(file, tensors, new Dictionary<string, string>
        {
            ["simnet.format"] = "model 1", ["simnet.network"] = NetworkJson.Write(huge), ["simnet.embedding_layer"] = "a",
        });
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ModelFormatException>(() => Load(file.ToArray()));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Names_of_the_network_s_own_that_look_like_a_mask_s_do_not_get_in_the_way()
    {
        var network = new Network("odd", new Shape(16, 1, 1), [new Conv2d("a", 64, 1), new Conv2d("simnet.mask.a", 1, 1)]);
        var model = new Model(network, new StateDict(network.Parameters.Select(p => KeyValuePair.Create(p.Name, new WeightTensor(p.Dimensions, new float[p.Count])))), "a");

        Assert.Equal(model.Id, Load(Bytes(model, new ModelSaveOptions { Sparse = true })).Id);
    }

    [Fact]
    public void Damage_is_refused_or_gives_a_whole_model()
    {
        byte[] file = Bytes(Sample(0.8, 3), new ModelSaveOptions { Sparse = true, HalfPrecision = true });
        var random = new SeededRandom(5);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. file];
            damaged[random.NextInt32(file.Length)] ^= (byte)(1 << random.NextInt32(8));
            if (i % 5 == 0)
            {
                damaged = damaged[..random.NextInt32(file.Length)];
            }

            try
            {
                Model model = Load(damaged);
                Assert.Equal(model.Network.ParameterCount, model.Weights.Values.Sum(t => t.Values.Length));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2000, 3999);
    }

    private static Model Sample(double zeros, int seed, Func<string, int, float>? kernel = null)
    {
        StateDict weights = NetworkData.Weights(Wide, seed);
        var random = new SeededRandom(seed, 9);
        var tensors = new List<KeyValuePair<string, WeightTensor>>();
        foreach ((string name, WeightTensor tensor) in weights)
        {
            float[] values = tensor.Values.ToArray();
            for (int i = 0; i < values.Length && tensor.Dimensions.Length == 4; i++)
            {
                values[i] = kernel is not null ? kernel(name, i) : random.NextDouble() < zeros ? 0 : values[i];
            }

            tensors.Add(new(name, new WeightTensor(tensor.Dimensions, values)));
        }

        return new Model(Wide, new StateDict(tensors), "a");
    }

    private static byte[] Bytes(Model model, ModelSaveOptions? options)
    {
        using var stream = new MemoryStream();
        model.Save(stream, options);
        return stream.ToArray();
    }

    private static Model Load(byte[] file) => Model.Load(new MemoryStream(file));

    private static SafetensorsContent Content(Model model) => SafetensorsFile.Read(new MemoryStream(Bytes(model, new ModelSaveOptions { Sparse = true })));
}
