using System.Collections.Immutable;
using SimNet.Models;

namespace SimNet.Embeddings.Tests;

public class PreprocessingTests
{
    private static readonly Preprocessing ImageNet = new()
    {
        Width = 224,
        Height = 192,
        Color = ColorMode.Rgb,
        Fit = FitMode.Pad,
        Filter = ResizeFilter.Bilinear,
        Background = new RgbColor(1, 171, 255),
        Mean = [0.485f, 0.456f, 0.406f],
        StandardDeviation = [0.229f, 0.224f, 0.225f],
    };

    [Fact]
    public void Defaults_are_64x64_gray_without_normalization()
    {
        var preprocessing = new Preprocessing();
        Assert.Equal(new Shape(1, 64, 64), preprocessing.InputShape);
        Assert.Equal([0f], preprocessing.Mean.AsEnumerable());
        Assert.Equal([1f], preprocessing.StandardDeviation.AsEnumerable());
        Assert.Equal([1f, 1f, 1f], new Preprocessing { Color = ColorMode.Rgb }.StandardDeviation.AsEnumerable());
        Assert.Equal(FitMode.Stretch, preprocessing.Fit);
        Assert.Equal(ResizeFilter.Area, preprocessing.Filter);
        Assert.Equal(RgbColor.White, preprocessing.Background);
    }

    [Fact]
    public void Values_are_normalized_per_channel_in_chw_order()
    {
        Preprocessing preprocessing = ImageNet with { Width = 5, Height = 3 };
        Image image = TestImages.Noise(5, 3, 3, seed: 1);
        float[] values = new float[45];
        preprocessing.Apply(image, values);
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 15; i++)
            {
                float expected = ((image.Pixels[(i * 3) + c] / 255f) - preprocessing.Mean[c]) / preprocessing.StandardDeviation[c];
                Assert.Equal(expected, values[(c * 15) + i]);
            }
        }
    }

    [Fact]
    public void Gray_images_fill_rgb_planes_and_rgb_images_become_luma()
    {
        float[] rgb = new float[3 * 64 * 64];
        new Preprocessing { Color = ColorMode.Rgb }.Apply(TestImages.Noise(64, 64, 1, seed: 2), rgb);
        Assert.Equal(rgb[..4096], rgb[4096..8192]);
        Assert.Equal(rgb[..4096], rgb[8192..]);

        float[] gray = new float[4096];
        new Preprocessing().Apply(TestImages.Constant(10, 20, new RgbColor(255, 0, 0)), gray);
        Assert.All(gray, value => Assert.Equal(76 / 255f, value));
    }

    [Fact]
    public void Apply_equals_prepare_and_normalize()
    {
        Image image = TestImages.Noise(60, 80, 3, seed: 3);
        foreach (Preprocessing preprocessing in new[] { new Preprocessing(), ImageNet, ImageNet with { Fit = FitMode.Crop } })
        {
            float[] once = new float[preprocessing.InputShape.Length], apart = new float[once.Length];
            preprocessing.Apply(image, once);
            Image prepared = preprocessing.Prepare(image);
            preprocessing.Normalize(prepared, apart);
            Assert.Equal(once, apart);
            Assert.Same(prepared, preprocessing.Prepare(prepared));
        }
    }

    [Theory]
    [InlineData(60, 80, 8, 0, 48, 64)]
    [InlineData(80, 60, 0, 8, 64, 48)]
    [InlineData(1, 1000, 31, 0, 1, 64)]
    [InlineData(30, 30, 0, 0, 64, 64)]
    public void Padding_keeps_the_aspect_ratio_and_centers_the_image(
        int width, int height, int left, int top, int innerWidth, int innerHeight)
    {
        var preprocessing = new Preprocessing { Color = ColorMode.Rgb, Fit = FitMode.Pad, Background = new RgbColor(9, 8, 7) };
        Image prepared = preprocessing.Prepare(TestImages.Constant(width, height, new RgbColor(200, 100, 50)));
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 64; x++)
            {
                bool inside = x >= left && x < left + innerWidth && y >= top && y < top + innerHeight;
                Assert.Equal(inside ? 100 : 8, prepared.At(x, y, 1));
            }
        }
    }

    [Theory]
    [InlineData(60, 80, 0, 10, 60, 60)]
    [InlineData(81, 60, 10, 0, 60, 60)]
    [InlineData(7, 900, 0, 446, 7, 7)]
    public void Cropping_takes_the_largest_centered_part(int width, int height, int x, int y, int partWidth, int partHeight)
    {
        Image image = TestImages.Noise(width, height, 1, seed: 4);
        Image prepared = new Preprocessing { Fit = FitMode.Crop }.Prepare(image);
        TestImages.AssertSame(image.Crop(x, y, partWidth, partHeight).Resize(64, 64), prepared);
    }

    [Fact]
    public void A_buffer_or_image_of_the_wrong_size_throws()
    {
        var preprocessing = new Preprocessing();
        Assert.Throws<ArgumentException>("destination", () => preprocessing.Apply(TestImages.Noise(60, 80, 3, seed: 5), new float[4095]));
        Assert.Throws<ArgumentException>("prepared", () => preprocessing.Normalize(TestImages.Noise(60, 80, 1, seed: 5), new float[4096]));
        Assert.Throws<ArgumentException>("prepared", () => preprocessing.Normalize(TestImages.Noise(64, 64, 3, seed: 5), new float[4096]));
    }

    [Fact]
    public void Json_round_trips()
    {
        Preprocessing[] all = [new Preprocessing(), ImageNet, new Preprocessing { Color = ColorMode.Rgb, Fit = FitMode.Crop }];
        foreach (Preprocessing preprocessing in all)
        {
            Preprocessing read = Preprocessing.FromJson(preprocessing.ToJson());
            Assert.Equal(preprocessing, read);
            Assert.Equal(preprocessing.GetHashCode(), read.GetHashCode());
            Assert.Equal(preprocessing.ToJson(), read.ToJson());
        }
    }

    [Fact]
    public void Json_has_the_format_of_existing_files() => Assert.Equal(
        """{"version":1,"width":224,"height":192,"color":"rgb","fit":"pad","filter":"bilinear","background":"01abff",""" + """
        "mean":[0.485,0.456,0.406],"standardDeviation":[0.229,0.224,0.225]}
        """,
        ImageNet.ToJson());

    [Fact]
    public void Gray_is_spelled_grey_in_json()
    {
        string json = ImageNet.ToJson().Replace("\"rgb\"", "\"grey\"", StringComparison.Ordinal)
            .Replace("[0.485,0.456,0.406]", "[0]", StringComparison.Ordinal)
            .Replace("[0.229,0.224,0.225]", "[1]", StringComparison.Ordinal);
        Assert.Equal(ColorMode.Gray, Preprocessing.FromJson(json).Color);
        Assert.Equal(json, Preprocessing.FromJson(json).ToJson());
    }

    [Fact]
    public void Equality_compares_all_values_and_array_contents()
    {
        Preprocessing same = ImageNet with { Mean = ImmutableArray.Create(0.485f, 0.456f, 0.406f) };
        Assert.Equal(ImageNet, same);
        Assert.Equal(new Preprocessing(), new Preprocessing { Mean = [0f], StandardDeviation = [] });
        Preprocessing[] others =
        [
            ImageNet with { Width = 225 }, ImageNet with { Height = 224 }, ImageNet with { Fit = FitMode.Crop },
            ImageNet with { Filter = ResizeFilter.Area }, ImageNet with { Background = RgbColor.Black },
            ImageNet with { Mean = [0.485f, 0.456f, 0.407f] }, ImageNet with { StandardDeviation = [0.229f, 0.224f, 0.226f] },
            ImageNet with { Color = ColorMode.Gray },
        ];
        Assert.All(others, other => Assert.NotEqual(ImageNet, other));
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":2", "version")]
    [InlineData("\"version\":1,", "", "version")]
    [InlineData("\"version\":1,", "\"version\":1,\"version\":1,", "version")]
    [InlineData("\"width\":224", "\"width\":0", "width")]
    [InlineData("\"width\":224", "\"width\":\"224\"", "width")]
    [InlineData("\"width\":224", "\"width\":2147483647", "width")]
    [InlineData("\"width\":224,", "", "width")]
    [InlineData("\"width\":224,", "\"width\":224,\"depth\":1,", "depth")]
    [InlineData("\"height\":192", "\"height\":16385", "height")]
    [InlineData("\"rgb\"", "\"cmyk\"", "color")]
    [InlineData("\"rgb\"", "1", "color")]
    [InlineData("\"pad\"", "\"Pad\"", "fit")]
    [InlineData("\"pad\"", "null", "fit")]
    [InlineData("\"bilinear\"", "\"bicubic\"", "filter")]
    [InlineData("\"01abff\"", "\"white\"", "background")]
    [InlineData("\"01abff\"", "\"01abfff\"", "background")]
    [InlineData("0.485,", "", "mean")]
    [InlineData("0.485", "1e99", "mean")]
    [InlineData("0.485", "\"NaN\"", "mean")]
    [InlineData("[0.229,0.224,0.225]", "null", "standardDeviation")]
    [InlineData("0.229", "0", "standardDeviation")]
    [InlineData("0.229", "-1", "standardDeviation")]
    [InlineData("0.229", "-1e99", "standardDeviation")]
    public void Invalid_json_throws_and_names_the_field(string part, string replacement, string field)
    {
        string json = ImageNet.ToJson();
        Assert.Contains(part, json, StringComparison.Ordinal);
        string changed = json.Replace(part, replacement, StringComparison.Ordinal);
        FormatException exception = Assert.Throws<FormatException>(() => Preprocessing.FromJson(changed));
        Assert.Contains(field, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("{\"version\":null}")]
    public void Json_that_is_not_a_versioned_object_throws(string json) =>
        Assert.Throws<FormatException>(() => Preprocessing.FromJson(json));

    [Fact]
    public void Values_out_of_range_throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Width", () => new Preprocessing { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Height", () => new Preprocessing { Height = 16385 });
        Assert.Throws<ArgumentOutOfRangeException>("Color", () => new Preprocessing { Color = (ColorMode)2 });
        Assert.Throws<ArgumentOutOfRangeException>("Fit", () => new Preprocessing { Fit = (FitMode)3 });
        Assert.Throws<ArgumentOutOfRangeException>("Filter", () => new Preprocessing { Filter = (ResizeFilter)3 });
        Assert.Throws<ArgumentOutOfRangeException>("Mean", () => new Preprocessing { Mean = [float.NaN] });
        Assert.Throws<ArgumentOutOfRangeException>("StandardDeviation", () => new Preprocessing { StandardDeviation = [0] });
    }

    [Fact]
    public void Arrays_of_the_wrong_length_throw_on_use()
    {
        var preprocessing = new Preprocessing { Mean = [0.5f, 0.5f, 0.5f] };
        Assert.Contains("Mean", Assert.Throws<InvalidOperationException>(preprocessing.ToJson).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => preprocessing.Apply(TestImages.Noise(2, 2, 1, seed: 6), new float[4096]));
    }
}
