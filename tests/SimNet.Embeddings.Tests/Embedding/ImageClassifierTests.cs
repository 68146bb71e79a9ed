using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public class ImageClassifierTests
{
    private static readonly string[] Colors = ["red", "green", "blue"];

    [Fact]
    public void An_image_is_of_its_brightest_channel_with_softmax_probabilities()
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
    public async Task Many_images_come_in_order_and_an_unreadable_one_does_not_stop_the_others()
    {
        using var classifier = new ImageClassifier(Create(Colors));
        ImageSource red = ImageSource.FromImage("red", TestImages.Constant(4, 4, new RgbColor(255, 0, 0))), bad = ImageSource.FromBytes("bad", new byte[5]);
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
    public void Huge_scores_give_probabilities_and_equal_ones_keep_the_order_of_classes()
    {
        using var classifier = new ImageClassifier(Create(Colors));
        Assert.Equal(1, classifier.Rank([1000f, -1000, 0], 3)[0].Probability);
        Assert.Equal(Colors, classifier.Rank([2f, 2, 2], 3).Select(one => one.Class));
        Assert.Throws<ArgumentException>("logits", () => classifier.Rank([1f, 2], 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => classifier.Rank([1f, 2, 3], 0));
    }

    [Fact]
    public void The_classes_travel_in_the_model_file()
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
    public void A_model_without_a_name_for_each_output_is_no_classifier(string? classes)
    {
        Model whole = Create(Colors);
        ImmutableDictionary<string, string> metadata = whole.Metadata.Where(pair => pair.Key != ImageClassifier.ClassesKey).ToImmutableDictionary();
        var model = new Model(whole.Network, whole.Weights, whole.EmbeddingLayer, classes is null ? metadata : metadata.Add(ImageClassifier.ClassesKey, classes));
        Assert.Throws<ArgumentException>(() => new ImageClassifier(model));
    }

    /// <summary>Each class' score is the mean of one channel.</summary>
    private static Model Create(string[] classes)
    {
        var preprocessing = new Preprocessing { Width = 4, Height = 4, Color = ColorMode.Rgb };
        var network = new Network("means", new Shape(3, 4, 4), [new MaxPool2d("features", 2), new GlobalAveragePool2d("logits")]);
        return new Model(network, new StateDict([]), "features", preprocessing.ToMetadata().Add(ImageClassifier.ClassesKey, ImageClassifier.WriteClasses(classes)));
    }
}
