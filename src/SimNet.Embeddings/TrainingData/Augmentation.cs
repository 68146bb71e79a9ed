using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>
/// Random changes to a training image that leave the product in it the same product. The defaults change nothing.
/// </summary>
/// <remarks>
/// Every option draws its own numbers whether it is on or not, always in the same order, so turning one on does not change what the
/// others do.
/// Flip, rotation, crop and shift are one bilinear resampling; brightness, contrast, saturation and noise follow with one rounding at the
/// end, erasing comes last.
/// </remarks>
public sealed record Augmentation
{
    private const long EraseStream = 1;

    /// <summary>Changes nothing.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Probability of mirroring left to right, 0 to 1; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double HorizontalFlip
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>The image is turned by an angle drawn from -x to x degrees; 0 by default, at most 180.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxRotationDegrees
    {
        get;
        init => field = Check(value, 0, 180);
    }

    /// <summary>
    /// The smallest part of the image to show, as a part of its width and height: the part's size is drawn from here to
    /// <see cref="MaxCropScale"/> and enlarged to the image's. 1 (all of it) by default; above 0, at most 4.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MinCropScale
    {
        get;
        init => field = Check(value, double.Epsilon, 4);
    } = 1;

    /// <summary>
    /// The largest part of the image to show; above 1 the image is shrunk and surrounded by <see cref="Background"/>. 1 by default;
    /// above 0, at most 4.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxCropScale
    {
        get;
        init => field = Check(value, double.Epsilon, 4);
    } = 1;

    /// <summary>
    /// The part shown is moved across and down by parts of the image's width and height drawn from -x to x; 0 by default, at most 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxShift
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>What is shown from beyond the image's edge; white by default.</summary>
    public RgbColor Background { get; init; } = RgbColor.White;

    /// <summary>Values are multiplied by a factor drawn from 1 - x to 1 + x; 0 by default, at most 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Brightness
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Distances from the image's mean luma are multiplied by a factor drawn from 1 - x to 1 + x; 0 by default, at most 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Contrast
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Each pixel's distances from its own luma are multiplied by a factor drawn from 1 - x to 1 + x; 0 by default, at most 1. Nothing
    /// for gray images.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Saturation
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Standard deviation of normally distributed noise added to every value, on the scale on which white is 1; 0 by default, at most 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double NoiseStandardDeviation
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Probability of covering a rectangle with one random color, 0 to 1; 0 by default. Its area is 2 % to 20 % of the image's, its
    /// proportions 0.3 to 3.3, its place anywhere within (Zhong et al., "Random Erasing Data Augmentation", 2020).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Erasing
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>An image of the same size, changed as the seed says: the same image and seed give the same result.</summary>
    /// <param name="image">The image, which stays as it is; given back when nothing is to change.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="InvalidOperationException"><see cref="MinCropScale"/> is above <see cref="MaxCropScale"/>.</exception>
    public Image Apply(Image image, long seed)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (MinCropScale > MaxCropScale)
        {
            throw new InvalidOperationException(
                $"{nameof(MinCropScale)} is {MinCropScale}, above {nameof(MaxCropScale)}, which is {MaxCropScale}.");
        }

        var random = new SeededRandom(seed);
        bool flip = random.NextDouble() < HorizontalFlip;
        double degrees = Symmetric(ref random, MaxRotationDegrees);
        double scale = MinCropScale + ((MaxCropScale - MinCropScale) * random.NextDouble());
        double shiftX = Symmetric(ref random, MaxShift) * image.Width, shiftY = Symmetric(ref random, MaxShift) * image.Height;
        float brightness = (float)(1 + Symmetric(ref random, Brightness));
        float contrast = (float)(1 + Symmetric(ref random, Contrast));
        float saturation = (float)(1 + Symmetric(ref random, Saturation));
        if (degrees != 0 || scale != 1 || shiftX != 0 || shiftY != 0)
        {
            image = AffineWarp.About(image, degrees, scale, shiftX, shiftY, flip, Background);
        }
        else if (flip)
        {
            image = image.FlipHorizontal();
        }

        if (brightness != 1 || contrast != 1 || (saturation != 1 && image.Channels == 3) || NoiseStandardDeviation != 0)
        {
            image = ColorJitter.Apply(image, brightness, contrast, saturation, (float)NoiseStandardDeviation, ref random);
        }

        return Erasing > 0 ? Erase(image, seed) : image;
    }

    /// <summary>Draws from a stream of its own, since the noise draws no fixed count of numbers from the others'.</summary>
    private Image Erase(Image image, long seed)
    {
        var random = new SeededRandom(seed, EraseStream);
        if (random.NextDouble() >= Erasing)
        {
            return image;
        }

        double area = image.Width * (double)image.Height * (0.02 + (0.18 * random.NextDouble()));
        double proportion = Math.Exp(Math.Log(10.0 / 3) * ((2 * random.NextDouble()) - 1));
        int width = Math.Clamp((int)Math.Round(Math.Sqrt(area * proportion)), 1, image.Width);
        int height = Math.Clamp((int)Math.Round(Math.Sqrt(area / proportion)), 1, image.Height);
        int left = random.NextInt32(image.Width - width + 1), top = random.NextInt32(image.Height - height + 1);
        var color = new RgbColor((byte)random.NextInt32(256), (byte)random.NextInt32(256), (byte)random.NextInt32(256));
        byte[] pixels = image.Pixels.ToArray();
        for (int y = top; y < top + height; y++)
        {
            ImageOperations.Fill(pixels.AsSpan(((y * image.Width) + left) * image.Channels, width * image.Channels), image.Channels, color);
        }

        return new Image(image.Width, image.Height, image.Channels, pixels);
    }

    private static double Symmetric(ref SeededRandom random, double most) => most * ((2 * random.NextDouble()) - 1);

    private static double Check(double value, double least, double most, [CallerMemberName] string name = "") =>
        value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, least > 0 ? $"Expected above 0, at most {most}." : $"Expected {least} to {most}.");
}
