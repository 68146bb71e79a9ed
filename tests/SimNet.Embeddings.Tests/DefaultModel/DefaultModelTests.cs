using System.Numerics.Tensors;

namespace SimNet.Embeddings.Tests;

/// <summary>Properties of any default model. The model card reports its accuracy.</summary>
public sealed class DefaultModelTests
{
    private static readonly RgbColor White = new(255, 255, 255);

    [Fact]
    public void The_model_resource_is_at_most_four_megabytes()
    {
        using Stream? stream = typeof(ImageEmbedder).Assembly.GetManifestResourceStream(PretrainedModel.ResourceName);

        Assert.NotNull(stream);
        Assert.InRange(stream.Length, 1, 4_000_000);
    }

    [Fact]
    public void The_default_embedder_is_shared_and_survives_dispose()
    {
        ImageEmbedder shared = ImageEmbedder.Default;
        float[] before = shared.Embed(Shirt(0));

        shared.Dispose();

        Assert.Same(shared, ImageEmbedder.Default);
        Assert.Equal(before, ImageEmbedder.Default.Embed(Shirt(0)));
        Assert.Equal(512, shared.Dimensions);
        Assert.Equal(512, before.Length);
    }

    [Fact]
    public void A_created_embedder_gives_the_same_vectors_and_can_be_disposed()
    {
        ImageEmbedder own = ImageEmbedder.CreateDefault(new ImageEmbedderOptions { BatchSize = 3 });
        Assert.NotSame(ImageEmbedder.Default, own);
        Assert.Equal(ImageEmbedder.Default.Embed(Watch(0)), own.Embed(Watch(0)));
        Assert.Equal(ImageEmbedder.Default.Model.Id, own.Model.Id);

        own.Dispose();

        Assert.Throws<ObjectDisposedException>(() => own.Embed(Watch(0)));
        Assert.Equal(512, ImageEmbedder.Default.Embed(Watch(0)).Length);
    }

    [Fact]
    public void The_model_classifies_images()
    {
        using var classifier = new ImageClassifier(ImageEmbedder.Default.Model);

        Assert.InRange(classifier.Classes.Length, 10, 1000);
        Assert.Contains("Watches", classifier.Classes);
        Assert.Equal(1, classifier.Classify(Watch(0), classifier.Classes.Length).Sum(one => one.Probability), 1e-4);
    }

    [Fact]
    public void Vectors_are_finite_and_distinct()
    {
        Image[] images =
        [
            TestImages.Constant(1, 1, new RgbColor(0, 0, 0)), TestImages.Constant(300, 40, White), TestImages.Noise(80, 60, 3, seed: 3),
            TestImages.Noise(17, 90, 1, seed: 4), TestImages.Gradient(640, 480, 3),
        ];
        float[][] vectors = [.. images.Select(ImageEmbedder.Default.Embed)];

        Assert.All(vectors, vector => Assert.True(TensorPrimitives.IsFiniteAll<float>(vector)));
        Assert.Equal(images.Length, vectors.Select(vector => vector.Sum()).Distinct().Count());
    }

    [Fact]
    public void A_distorted_product_is_closer_to_itself_than_to_others()
    {
        Func<int, Image>[] products = [Shirt, Watch, Belt];
        Func<Image, Image>[] changes = [image => image.Resize(90, 120), Quantized, image => image.Rotate(3, White)];
        foreach (Func<int, Image> product in products)
        {
            float[] vector = ImageEmbedder.Default.Embed(product(0));
            float nearestOther = products.Where(other => other != product).Min(other => Distance(vector, other(0)));
            Assert.All(changes, change => Assert.InRange(Distance(vector, change(product(0))), 0, nearestOther * 0.9f));
            Assert.InRange(Distance(vector, product(4)), 0, nearestOther * 0.9f);
        }
    }

    private static float Distance(float[] vector, Image other) =>
        TensorPrimitives.Distance<float>(vector, ImageEmbedder.Default.Embed(other));

    /// <summary>Reduces each channel to 16 levels, as strong compression does.</summary>
    private static Image Quantized(Image image) =>
        new(image.Width, image.Height, 3, [.. image.Pixels.ToArray().Select(value => (byte)((value / 16 * 16) + 8))]);

    /// <summary>A red shirt on white, <paramref name="shift"/> pixels to the right of the center.</summary>
    private static Image Shirt(int shift) => Draw(shift, new RgbColor(190, 30, 40), (x, y) =>
        (Math.Abs(x) < 0.5 && Math.Abs(y) < 0.8 && !(Math.Abs(x) < 0.2 && y < -0.7)) || (Math.Abs(x) < 0.9 && y is > -0.8 and < -0.4));

    /// <summary>A dark ring with hands and a strap.</summary>
    private static Image Watch(int shift) => Draw(shift, new RgbColor(40, 40, 45), (x, y) =>
        Math.Sqrt((x * x) + (y * y)) is > 0.35 and < 0.5
        || (Math.Abs(x) < 0.25 && Math.Abs(y) is > 0.45 and < 0.95)
        || (Math.Abs(x) < 0.03 && y is > -0.3 and < 0));

    /// <summary>A brown stripe from side to side with a buckle.</summary>
    private static Image Belt(int shift) => Draw(shift, new RgbColor(120, 75, 35), (x, y) =>
        (Math.Abs(y) < 0.09 && Math.Abs(x) < 0.95) || (x is > 0.6 and < 0.9 && Math.Abs(y) is > 0.12 and < 0.2));

    private static Image Draw(int shift, RgbColor color, Func<double, double, bool> covers)
    {
        const int Width = 120, Height = 160;
        byte[] pixels = new byte[Width * Height * 3];
        for (int i = 0; i < Width * Height; i++)
        {
            // From -1 to 1 over the width, with the same scale for the height.
            double x = ((i % Width) - shift - (Width / 2.0)) / (Width / 2.0), y = ((i / Width) - (Height / 2.0)) / (Width / 2.0);
            RgbColor here = covers(x, y) ? color : White;
            (pixels[i * 3], pixels[(i * 3) + 1], pixels[(i * 3) + 2]) = (here.Red, here.Green, here.Blue);
        }

        return new Image(Width, Height, 3, pixels);
    }
}
