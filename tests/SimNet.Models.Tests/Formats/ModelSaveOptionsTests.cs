using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Models.Tests;

public class ModelSaveOptionsTests
{
    private static readonly Network Wide = new(
        "wide", new Shape(8, 4, 4), [new Conv2d("a", 37, 3) { Padding = 1 }, new BatchNorm2d("norm"), new Conv2d("b", 5, 1)]);

    [Fact]
    public void Sparse_tensors_round_trip_and_are_never_larger_than_dense_ones()
    {
        Prop.ForAll(Gen.Choose(0, 100).ToArbitrary(), Gen.Choose(0, 10_000).ToArbitrary(), (percent, seed) =>
        {
            Model model = Sample(percent / 100.0, seed);
            byte[] sparse = Bytes(model, new ModelSaveOptions { Sparse = true });
            Model loaded = Load(sparse);
            Assert.Null(StateDictComparison.FirstDifference(model.Weights, loaded.Weights));
            Assert.Equal(model.Id, loaded.Id);

            // The header is padded to a multiple of eight, and the entry of a second tensor is estimated as 128 bytes.
            Assert.True(sparse.Length <= Bytes(model, null).Length + 8);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sparse_tensors_preserve_negative_zero_and_all_zeros()
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
    public void Half_precision_rounds_only_convolution_weights(bool sparse)
    {
        Model model = Sample(0.5, 4);
        var options = new ModelSaveOptions { HalfPrecision = true, Sparse = sparse };
        Model loaded = Load(Bytes(model, options));

        foreach ((string name, WeightTensor tensor) in model.Weights)
        {
            Assert.Equal(
                tensor.Values.ToArray().Select(v => tensor.Dimensions.Length == 4 ? (float)(Half)v : v), loaded.Weights.Values(name));
        }

        // Rounding is idempotent.
        Assert.NotEqual(model.Id, loaded.Id);
        Assert.Equal(Bytes(model, options), Bytes(loaded, options));
        Assert.True(Bytes(model, options).Length < Bytes(model, options with { HalfPrecision = false }).Length);
    }

    [Fact]
    public void A_tensor_beyond_the_range_of_half_precision_stays_in_single()
    {
        Model model = Sample(0, 1, (name, i) => i == 3 ? (name == "a.weight" ? 65_520 : 1e-9f) : 0.1f);
        Model loaded = Load(Bytes(model, new ModelSaveOptions { HalfPrecision = true }));

        Assert.Equal(model.Weights.Values("a.weight"), loaded.Weights.Values("a.weight"));
        Assert.Equal(0, loaded.Weights.Values("b.weight")[3]);
        Assert.Equal((float)(Half)0.1f, loaded.Weights.Values("b.weight")[4]);
    }

    [Theory]
    [InlineData("no values", "no values")]
    [InlineData("value missing", "bits set")]
    [InlineData("value too many", "bits set")]
    [InlineData("bit beyond the end", "bits set")]
    [InlineData("mask too short", "mask")]
    [InlineData("mask too long", "mask")]
    [InlineData("mask of two dimensions", "mask")]
    [InlineData("half a byte", "expected bytes")]
    [InlineData("byte of 256", "expected bytes")]
    [InlineData("byte below 0", "expected bytes")]
    [InlineData("not a number", "expected bytes")]
    [InlineData("whole tensor as well", "'simnet.mask.b.weight'")]
    [InlineData("mask of nothing", "'simnet.mask.c.weight'")]
    public void An_invalid_mask_throws_naming_the_tensor(string lie, string named)
    {
        // 5 x 37 values: the last byte of the mask has one bit.
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
        Assert.Contains(
            lie.StartsWith("mask of nothing", StringComparison.Ordinal) ? "c.weight" : "b.weight",
            exception.Problem,
            StringComparison.Ordinal);
        Assert.Equal(185, network.Parameters.Single(p => p.Name == "b.weight").Count);

        void Put(string name, float[] changed) => tensors[name] = new WeightTensor([changed.Length], changed);
    }

    [Fact]
    public void A_small_mask_for_a_large_tensor_allocates_no_memory()
    {
        var huge = new Network("huge", new Shape(8_192, 1, 1), [new Conv2d("a", 8_192, 1)]);
        var tensors = new StateDict(
        [
            new("a.bias", new WeightTensor([8_192], new float[8_192])),
            new("simnet.mask.a.weight", new WeightTensor([8], new float[8])),
            new("simnet.values.a.weight", new WeightTensor([0], ReadOnlyMemory<float>.Empty)),
        ]);
        using var file = new MemoryStream();
        SafetensorsFile.Write(file, tensors, new Dictionary<string, string>
        {
            ["simnet.format"] = "model 1",
            ["simnet.network"] = NetworkJson.Write(huge),
            ["simnet.embedding_layer"] = "a",
        });
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ModelFormatException>(() => Load(file.ToArray()));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Layer_names_that_look_like_masks_are_not_confused_with_masks()
    {
        var network = new Network("odd", new Shape(16, 1, 1), [new Conv2d("a", 64, 1), new Conv2d("simnet.mask.a", 1, 1)]);
        var model = new Model(
            network,
            new StateDict(network.Parameters.Select(p => KeyValuePair.Create(p.Name, new WeightTensor(p.Dimensions, new float[p.Count])))),
            "a");

        Assert.Equal(model.Id, Load(Bytes(model, new ModelSaveOptions { Sparse = true })).Id);
    }

    [Fact]
    public void A_damaged_file_throws_or_gives_a_complete_model()
    {
        byte[] file = Bytes(Sample(0.8, 3), new ModelSaveOptions { Sparse = true, HalfPrecision = true });
        var random = new SeededRandom(5);
        int thrown = 0;
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
                thrown++;
            }
        }

        Assert.InRange(thrown, 2000, 3999);
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

    private static SafetensorsContent Content(Model model) =>
        SafetensorsFile.Read(new MemoryStream(Bytes(model, new ModelSaveOptions { Sparse = true })));
}
