using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>
/// Random changes to a training image that preserve its label. By default nothing changes.
/// </summary>
/// <remarks>
/// <para>Flip, rotation, crop and shift are applied first, as one bilinear resampling. Brightness, contrast, saturation and noise follow
/// and are rounded once. Erasing comes last.</para>
/// <para>Each option consumes its random numbers even when it is off, so enabling one option does not change the effect of the
/// others.</para>
/// </remarks>
public sealed record Augmentation
{
    private const long EraseStream = 1;

    /// <summary>Gets the augmentation that changes nothing.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Gets the probability of a horizontal flip, from 0 to 1. The default is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double HorizontalFlip
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>Gets the largest rotation, from 0 to 180 degrees. The angle is uniform from -x to x. The default is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxRotationDegrees
    {
        get;
        init => field = Check(value, 0, 180);
    }

    /// <summary>
    /// Gets the smallest crop, as a fraction of the image's width and height. The fraction is uniform from here to
    /// <see cref="MaxCropScale"/>, and the crop is resized to the size of the image. Above 0, at most 4. The default is 1, the whole image.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MinCropScale
    {
        get;
        init => field = Check(value, double.Epsilon, 4);
    } = 1;

    /// <summary>
    /// Gets the largest crop, as a fraction of the image's width and height. Above 1 the image shrinks and <see cref="Background"/>
    /// surrounds it. Above 0, at most 4. The default is 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxCropScale
    {
        get;
        init => field = Check(value, double.Epsilon, 4);
    } = 1;

    /// <summary>
    /// Gets the largest shift, as a fraction of the image's width and height, from 0 to 1. Each of the two shifts is uniform from -x to x.
    /// The default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxShift
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>Gets the color of pixels from beyond the image's edges. The default is white.</summary>
    public RgbColor Background { get; init; } = RgbColor.White;

    /// <summary>
    /// Gets the range of the brightness factor, which is uniform from 1 - x to 1 + x; x is from 0 to 1. The default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Brightness
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Gets the range of the contrast factor, which is uniform from 1 - x to 1 + x and scales the distance of each value from the image's
    /// mean luma; x is from 0 to 1. The default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Contrast
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Gets the range of the saturation factor, which is uniform from 1 - x to 1 + x and scales the distance of each value from its pixel's
    /// luma; x is from 0 to 1. The default is 0. It has no effect on gray images.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Saturation
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Gets the standard deviation of the Gaussian noise added to every value, where white is 1. From 0 to 1; the default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double NoiseStandardDeviation
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>
    /// Gets the probability of random erasing (Zhong et al., "Random Erasing Data Augmentation", 2020), from 0 to 1: a rectangle anywhere
    /// in the image is filled with one random color. Its area is 2 % to 20 % of the image, its aspect ratio 0.3 to 3.3. The default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Erasing
    {
        get;
        init => field = Check(value, 0, 1);
    }

    /// <summary>Augments an image. The same image and seed always give the same result.</summary>
    /// <param name="image">The image. It is not modified.</param>
    /// <param name="seed">The seed of the random changes; any number.</param>
    /// <returns>An image of the same size and channels; <paramref name="image"/> itself when nothing changes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MinCropScale"/> is above <see cref="MaxCropScale"/>.</exception>
    public Image Apply(Image image, long seed)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (MinCropScale > MaxCropScale)
        {
            throw new InvalidOperationException(
                $"{nameof(MinCropScale)} is {MinCropScale}; expected at most {nameof(MaxCropScale)}, which is {MaxCropScale}.");
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

    /// <summary>Uses a random stream of its own, because the noise consumes a varying amount of the shared one.</summary>
    private Image Erase(Image image, long seed)
    {
        var random = new SeededRandom(seed, EraseStream);
        if (random.NextDouble() >= Erasing)
        {
            return image;
        }

        double area = image.Width * (double)image.Height * (0.02 + (0.18 * random.NextDouble()));
        double aspectRatio = Math.Exp(Math.Log(10.0 / 3) * ((2 * random.NextDouble()) - 1));
        int width = Math.Clamp((int)Math.Round(Math.Sqrt(area * aspectRatio)), 1, image.Width);
        int height = Math.Clamp((int)Math.Round(Math.Sqrt(area / aspectRatio)), 1, image.Height);
        int left = random.NextInt32(image.Width - width + 1), top = random.NextInt32(image.Height - height + 1);
        var color = new RgbColor((byte)random.NextInt32(256), (byte)random.NextInt32(256), (byte)random.NextInt32(256));
        byte[] pixels = image.Pixels.ToArray();
        for (int y = top; y < top + height; y++)
        {
            int start = ((y * image.Width) + left) * image.Channels;
            ImageOperations.Fill(pixels.AsSpan(start, width * image.Channels), image.Channels, color);
        }

        return new Image(image.Width, image.Height, image.Channels, pixels);
    }

    /// <summary>A uniform number from <c>-limit</c> to <c>limit</c>.</summary>
    private static double Symmetric(ref SeededRandom random, double limit) => limit * ((2 * random.NextDouble()) - 1);

    private static double Check(double value, double minimum, double maximum, [CallerMemberName] string name = "") =>
        value >= minimum && value <= maximum
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, minimum > 0 ? $"Expected above 0, at most {maximum}." : $"Expected {minimum} to {maximum}.");
}
