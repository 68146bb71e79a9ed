using System.Security.Cryptography;

namespace SimNet.Models.Tests;

public class ModelTests
{
    private static readonly Dictionary<string, string> Texts = new() { ["preprocessing"] = """{"size":64}""", ["classes"] = "shoe\nhat" };

    private static readonly Model Sample = new(
        SampleNetworks.EveryKind, WeightInitialization.Create(SampleNetworks.EveryKind, 5), "relu", Texts);

    [Fact]
    public void A_saved_model_round_trips()
    {
        using var folder = new TemporaryFolder();
        Sample.Save(folder["model.safetensors"]);
        Model loaded = Model.Load(folder["model.safetensors"]);

        Assert.Equal(Sample.Network.Name, loaded.Network.Name);
        Assert.Equal(Sample.Network.InputShape, loaded.Network.InputShape);
        Assert.Equal(Sample.Network.Layers.AsEnumerable(), loaded.Network.Layers.AsEnumerable());
        Assert.Null(StateDictComparison.FirstDifference(Sample.Weights, loaded.Weights));
        Assert.Equal("relu", loaded.EmbeddingLayer);
        Assert.Equal(new Shape(3, 8, 6), loaded.EmbeddingShape);
        Assert.Equal(Texts.OrderBy(e => e.Key), loaded.Metadata);
        Assert.Equal(Sample.Id, loaded.Id);
    }

    [Fact]
    public void The_ID_is_the_hash_of_the_file()
    {
        using var folder = new TemporaryFolder();
        Sample.Save(folder["model.safetensors"]);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder["model.safetensors"]))), Sample.Id);
    }

    [Fact]
    public void The_ID_changes_with_every_part()
    {
        Network renamed = new("other", Sample.Network.InputShape, Sample.Network.Layers);
        Network slope = new(
            "every kind",
            Sample.Network.InputShape,
            Sample.Network.Layers.Select(l => l is LeakyRelu leaky ? leaky with { NegativeSlope = 0.002f } : l));
        string[] ids =
        [
            Sample.Id,
            new Model(Sample.Network, WeightInitialization.Create(Sample.Network, 6), "relu", Texts).Id,
            new Model(Sample.Network, Sample.Weights, "join", Texts).Id,
            new Model(Sample.Network, Sample.Weights, "relu").Id,
            new Model(Sample.Network, Sample.Weights, "relu", new Dictionary<string, string>(Texts) { ["classes"] = "shoe\nhats" }).Id,
            new Model(renamed, Sample.Weights, "relu", Texts).Id,
            new Model(slope, Sample.Weights, "relu", Texts).Id,
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Weights_that_do_not_fit_throw_naming_the_parameter()
    {
        Throws(w => w.Remove("up.bias"), "'up.bias'");
        Throws(w => w["extra.weight"] = w["up.bias"], "'extra.weight'");
        Throws(w => w["up.bias"] = new([1, 3], w["up.bias"].Values), "[1, 3]");
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Throws(w => w["up.bias"] = new([3], new[] { 0, 0, value }), "'up.bias'");
        }

        static void Throws(Action<Dictionary<string, WeightTensor>> change, string named)
        {
            var weights = new Dictionary<string, WeightTensor>(Sample.Weights);
            change(weights);
            var exception = Assert.Throws<ArgumentException>(() => new Model(Sample.Network, new StateDict(weights), "relu"));
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("input")]
    [InlineData("")]
    public void An_embedding_layer_that_does_not_exist_throws(string layer)
    {
        Assert.Throws<ArgumentException>(() => new Model(Sample.Network, Sample.Weights, layer));
    }

    [Fact]
    public void Reserved_metadata_names_throw()
    {
        Assert.Throws<ArgumentException>(
            () => new Model(Sample.Network, Sample.Weights, "relu", new Dictionary<string, string> { ["simnet.network"] = "{}" }));
    }

    [Fact]
    public void Later_changes_of_the_given_metadata_do_not_affect_the_model()
    {
        var texts = new Dictionary<string, string>(Texts);
        var model = new Model(Sample.Network, Sample.Weights, "relu", texts);
        texts["classes"] = "changed";

        Assert.Equal(Texts["classes"], model.Metadata["classes"]);
    }

    [Theory]
    [InlineData("simnet.format", null, "not a model")]
    [InlineData("simnet.network", null, "not a model")]
    [InlineData("simnet.embedding_layer", null, "not a model")]
    [InlineData("simnet.format", "model 2", "'model 2'")]
    [InlineData("simnet.embedding_layer", "nowhere", "'nowhere'")]
    [InlineData("simnet.later", "1", "'simnet.later'")]
    public void A_file_that_is_not_a_model_of_this_version_throws(string key, string? value, string named)
    {
        using var folder = new TemporaryFolder();
        Sample.Save(folder["model"]);
        SafetensorsContent content = SafetensorsFile.Read(folder["model"]);
        var metadata = new Dictionary<string, string>(content.Metadata);
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }

        SafetensorsFile.Write(folder["changed"], content.Tensors, metadata);
        var exception = Assert.Throws<ModelFormatException>(() => Model.Load(folder["changed"]));
        Assert.Contains(named, exception.Problem, StringComparison.Ordinal);
        Assert.Equal(folder["changed"], exception.File);
    }

    [Fact]
    public void A_damaged_file_throws_or_gives_a_complete_model()
    {
        using var saved = new MemoryStream();
        Sample.Save(saved);
        byte[] file = saved.ToArray();
        int headerEnd = 8 + (int)BitConverter.ToInt64(file);
        var random = new SeededRandom(3);
        int thrown = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = [.. file];
            damaged[random.NextInt32(headerEnd)] = (byte)random.NextInt32(256);
            if (i % 5 == 0)
            {
                damaged = damaged[..random.NextInt32(file.Length)];
            }

            try
            {
                Model model = Model.Load(new MemoryStream(damaged));
                Assert.Equal(model.Network.ParameterCount, model.Weights.Values.Sum(t => t.Values.Length));
            }
            catch (ModelFormatException)
            {
                thrown++;
            }
        }

        Assert.InRange(thrown, 3000, 4999);
    }
}
