using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>Options of <see cref="LabeledImageData"/>. The defaults change neither images nor labels, as validation requires.</summary>
public sealed record LabeledImageDataOptions
{
    /// <summary>Gets the augmentation of each image, different in each epoch. The default is none.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>
    /// Gets the alpha of mixup (Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018): input and target of a sample become
    /// l times its own plus 1 - l times those of another sample, with l drawn from Beta(alpha, alpha). From 0 to 100; 0.2 is common.
    /// The default is 0, no mixup.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Mixup
    {
        get;
        init => field = Check(value, 100);
    }

    /// <summary>
    /// Gets the alpha of CutMix (Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", 2019): a rectangle of another
    /// sample's image replaces part of the image, with an area drawn from Beta(alpha, alpha), and the targets are mixed by area. From 0 to
    /// 100; 1 is common. The default is 0, no CutMix. When mixup is on as well, each sample takes one of the two at random.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double CutMix
    {
        get;
        init => field = Check(value, 100);
    }

    /// <summary>
    /// Gets the probability that a sample is mixed, when <see cref="Mixup"/> or <see cref="CutMix"/> is on. From 0 to 1; the default is 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MixProbability
    {
        get;
        init => field = Check(value, 1);
    } = 1;

    /// <summary>Gets the decoder. The default is <see cref="ImageDecoder.Default"/>, JPEG and PNG.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Gets the limits of the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;

    /// <summary>
    /// Gets whether an image that cannot be read is skipped. Another image of its sample then takes its place, or else the next sample with
    /// an image that can be read, so that every batch is full; <see cref="LabeledImageData.Unreadable"/> lists the images that were
    /// skipped. The default is false: such an image is an error.
    /// </summary>
    public bool SkipUnreadable { get; init; }

    /// <summary>Gets the maximum number of threads that read a batch. The default is 0, all cores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxThreads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxThreads));
            field = value;
        }
    }

    private static double Check(double value, double maximum, [CallerMemberName] string name = "") => value >= 0 && value <= maximum
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Expected 0 to {maximum}.");
}
