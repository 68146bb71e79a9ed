namespace SimNet.Embeddings.Tests;

public class TransparencyBlendTests
{
    [Fact]
    public void Every_value_and_opacity_is_rounded_to_nearest()
    {
        for (int value = 0; value < 256; value++)
        {
            for (int opacity = 0; opacity < 256; opacity++)
            {
                foreach (int behind in new[] { 0, 77, 255 })
                {
                    double exact = ((value * opacity) + (behind * (255 - opacity))) / 255.0;
                    Assert.Equal((byte)Math.Floor(exact + 0.5), TransparencyBlend.Blend8(value, opacity, behind));
                    Assert.Equal(
                        (byte)Math.Floor(exact + 0.5),
                        TransparencyBlend.Blend16((uint)(value * 257), (uint)(opacity * 257), behind));
                }
            }
        }
    }

    [Theory]
    [InlineData(255, 0, 255, 0)]
    [InlineData(239, 0, 255, 0)]
    [InlineData(238, 0, 255, 255)]
    [InlineData(255, 239, 255, 255)]
    [InlineData(255, 238, 255, 0)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(0, 0, 16, 255)]
    public void Only_an_image_nearly_blank_on_white_is_blended_onto_black(byte value, byte least, byte most, byte behind)
    {
        Image image = Image.FromRgba(2, 1, [value, value, value, most, 0, 0, 0, least], background: null);
        byte expected = TransparencyBlend.Blend8(0, least, behind);
        if (least == 0)
        {
            Assert.Equal([expected, expected, expected], image.Pixels[3..].ToArray());
        }

        byte first = TransparencyBlend.Blend8(value, most, behind);
        Assert.Equal([first, first, first], image.Pixels[..3].ToArray());
    }

    [Fact]
    public void A_given_background_is_taken_as_it_is()
    {
        byte[] rgba = [255, 255, 255, 255, 9, 9, 9, 0];
        Assert.Equal([255, 255, 255, 255, 255, 255], Image.FromRgba(2, 1, rgba, RgbColor.White).Pixels.ToArray());
        Assert.Equal([255, 255, 255, 1, 2, 3], Image.FromRgba(2, 1, rgba, new RgbColor(1, 2, 3)).Pixels.ToArray());
        Assert.Equal(["dusty"], Image.FromRgba(2, 1, rgba, null, ["dusty"]).Blemishes);
    }

    [Fact]
    public void A_wrong_number_of_values_is_an_error()
    {
        Assert.Throws<ArgumentException>(() => Image.FromRgba(2, 1, new byte[7], null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Image.FromRgba(0, 1, [], null));
    }
}
