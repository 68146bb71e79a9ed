using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public class ImageClassifierTests
{
    private static readonly string[] Colors = ["red", "green", "blue"];

    [Fact]
    public void Classes_are_ranked_by_softmax_probability()
    {
        using var classifier = new ImageClassifier(Create(Colors));

        ImmutableArray<ClassProbability> ranked = classifier.Classify(TestImages.Constant(9, 7, new RgbColor(51, 204, 102)));

        // Logits 0.2, 0.8 and 0.4.
        double sum = Math.Exp(0.2) + Math.Exp(0.8) + Math.Exp(0.4);
        Assert.Equal(["green", "blue", "red"], ranked.Select(one => one.Class));
        Assert.Equal(Math.Exp(0.8) / sum, ranked[0].Probability, 1e-5);
        Assert.Equal(Math.Exp(0.4) / sum, ranked[1].Probability, 1e-5);
        Assert.Equal(1, ranked.Sum(one => one.Probability), 1e-5);
        Assert.Equal("green", Assert.Single(classifier.Classify(TestImages.Constant(9, 7, new RgbColor(51, 204, 102)), count: 1)).Class);
    }

    [Fact]
    public async Task Results_are_in_order_and_an_unreadable_image_gives_an_error()
    {
        using var classifier = new ImageClassifier(Create(Colors));
        ImageSource red = ImageSource.FromImage("red", TestImages.Constant(4, 4, new RgbColor(255, 0, 0)));
        ImageSource bad = ImageSource.FromBytes("bad", new byte[5]);
        var results = new List<ImageClassification>();
        await foreach (ImageClassification one in classifier.ClassifyManyAsync([red, bad, red]))
        {
            results.Add(one);
        }

        Assert.Equal([true, false, true], results.Select(one => one.Succeeded));
        Assert.Equal("bad", Assert.IsType<ImageFormatException>(results[1].Error).File);
        Assert.Equal([1f, 0, 0], results[2].Logits.ToArray());
        Assert.Equal("red", (await classifier.ClassifyAsync(red))[0].Class);
    }

    [Fact]
    public void Large_logits_do_not_overflow_and_ties_keep_the_class_order()
    {
        using var classifier = new ImageClassifier(Create(Colors));
        Assert.Equal(1, classifier.Rank([1000f, -1000, 0], 3)[0].Probability);
        Assert.Equal(Colors, classifier.Rank([2f, 2, 2], 3).Select(one => one.Class));
        Assert.Throws<ArgumentException>("logits", () => classifier.Rank([1f, 2], 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => classifier.Rank([1f, 2, 3], 0));
    }

    [Fact]
    public void Class_names_round_trip_in_the_model_file()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            Create(["Kurtas \"A\"", "Brillen für Männer", "b,c"]).Save(file);
            using ImageClassifier classifier = ImageClassifier.Load(file);
            Assert.Equal(["Kurtas \"A\"", "Brillen für Männer", "b,c"], classifier.Classes.ToArray());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not json")]
    [InlineData("[1, 2, 3]")]
    [InlineData("[\"a\", null, \"b\"]")]
    [InlineData("[\"a\", \"a\", \"b\"]")]
    [InlineData("[\"a\", \"b\"]")]
    [InlineData("{}")]
    public void A_model_without_one_class_name_per_output_throws(string? classes)
    {
        Model whole = Create(Colors);
        var metadata = whole.Metadata.Where(pair => pair.Key != ImageClassifier.ClassesKey).ToImmutableDictionary();
        metadata = classes is null ? metadata : metadata.Add(ImageClassifier.ClassesKey, classes);
        var model = new Model(whole.Network, whole.Weights, whole.EmbeddingLayer, metadata);
        Assert.Throws<ArgumentException>(() => new ImageClassifier(model));
    }

    /// <summary>A model in which the logit of each class is the mean of one channel.</summary>
    private static Model Create(string[] classes)
    {
        var preprocessing = new Preprocessing { Width = 4, Height = 4, Color = ColorMode.Rgb };
        var network = new Network("means", new Shape(3, 4, 4), [new MaxPool2d("features", 2), new GlobalAveragePool2d("logits")]);
        var metadata = preprocessing.ToMetadata().Add(ImageClassifier.ClassesKey, ImageClassifier.WriteClasses(classes));
        return new Model(network, new StateDict([]), "features", metadata);
    }
}
