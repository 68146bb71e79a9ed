using System.Numerics;

namespace SimNet.Cli.Tests;

public sealed class CanvasTests
{
    private const float Background = 1;

    [Fact]
    public void The_area_of_a_box_with_fractional_edges_is_exact()
    {
        // 20.5 x 10.25 units at one unit per pixel, no edge on the border of a pixel.
        Assert.Equal(20.5 * 10.25, Area(Outline.Box(0.3f, 0.7f, 20.5f, 10.25f, 0), Matrix3x2.Identity), 0.15);
    }

    [Theory]
    [InlineData(0.0f)]
    [InlineData(0.3f)]
    [InlineData(1.1f)]
    public void The_area_does_not_change_with_rotation(float angle) =>
        Assert.Equal(31.0 * 12.5, Area(Outline.Box(0, 0, 31, 12.5f, 0), Matrix3x2.CreateRotation(angle)), 0.1);

    [Fact]
    public void The_area_of_a_flat_triangle_is_exact() =>
        Assert.Equal(80 * 7 / 2.0, Area(Outline.Polygon(-40, 0.2f, 40, 3.1f, 40, 0.2f + 2.9f + 7), Matrix3x2.Identity), 0.1);

    [Fact]
    public void A_hole_is_not_filled_in_either_direction()
    {
        Outline Frame(bool reversed)
        {
            Outline hole = reversed ? Outline.Polygon(-5, -5, -5, 5, 5, 5, 5, -5) : Outline.Polygon(-5, -5, 5, -5, 5, 5, -5, 5);
            return Outline.Box(0, 0, 30, 30, 0).Without(hole);
        }

        Assert.Equal(800, Area(Frame(false), Matrix3x2.Identity), 0.1);
        Assert.Equal(800, Area(Frame(true), Matrix3x2.Identity), 0.1);
    }

    [Fact]
    public void Outlines_are_clipped_at_the_edges_of_the_image()
    {
        Assert.Equal(96 * 128, Area(Outline.Box(0, 0, 500, 500, 0), Matrix3x2.Identity), 0.1);
        Assert.Equal(48 * 128, Area(Outline.Box(250, 0, 500, 500, 0), Matrix3x2.Identity), 0.1);
        Assert.Equal(0, Area(Outline.Box(500, 0, 50, 50, 0), Matrix3x2.Identity), 0.1);
    }

    [Fact]
    public void FillWithin_does_not_change_transparent_pixels()
    {
        var canvas = new Canvas(96, 128);
        canvas.Begin(Matrix3x2.Identity);
        canvas.FillWithin(Outline.Box(0, 0, 40, 40, 0), new Paint(Vector3.Zero));
        byte[] painted = canvas.Photograph(Background);
        canvas.Begin(Matrix3x2.Identity);
        Assert.Equal(canvas.Photograph(Background), painted);
    }

    /// <summary>Fills a black outline over white and measures the black area.</summary>
    private static double Area(Outline outline, Matrix3x2 place)
    {
        var canvas = new Canvas(96, 128);
        canvas.Begin(Matrix3x2.Identity);
        canvas.Fill(Outline.Box(0, 0, 500, 500, 0), new Paint(Vector3.One));
        byte[] white = canvas.Photograph(Background);
        canvas.Begin(place);
        canvas.Fill(Outline.Box(0, 0, 1000, 1000, 0), new Paint(Vector3.One));
        canvas.Fill(outline, new Paint(Vector3.Zero));
        byte[] pixels = canvas.Photograph(Background);
        double black = 0;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            black += 1 - (double)pixels[i] / white[i];
        }

        return black;
    }
}
