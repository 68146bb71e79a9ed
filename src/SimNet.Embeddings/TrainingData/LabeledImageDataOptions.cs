using System.Runtime.CompilerServices;

namespace SimNet.Embeddings;

/// <summary>What <see cref="LabeledImageData"/> does to images and labels before a network sees them. By default nothing, as for judging.</summary>
public sealed record LabeledImageDataOptions
{
    /// <summary>Changes to each image, anew in each epoch; none by default.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>
    /// Mixup's alpha (Zhang et al., 2018): a sample becomes l times itself plus 1 - l times another, its target likewise, with l drawn
    /// from Beta(alpha, alpha). 0, the default, for none; 0.2 is usual. At least 0, at most 100.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Mixup
    {
        get;
        init => field = Check(value, 100);
    }

    /// <summary>
    /// CutMix's alpha (Yun et al., 2019): a rectangle of the image shows another's, with a share of the area drawn from
    /// Beta(alpha, alpha), and the target is mixed by the area. 0, the default, for none; 1 is usual. At least 0, at most 100. With both,
    /// a coin is tossed for each sample.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double CutMix
    {
        get;
        init => field = Check(value, 100);
    }

    /// <summary>Share of samples that are mixed, where <see cref="Mixup"/> or <see cref="CutMix"/> is on; 1 by default, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MixProbability
    {
        get;
        init => field = Check(value, 1);
    } = 1;

    /// <summary>Decodes images; <see cref="ImageDecoder.Default"/> by default.</summary>
    public IImageDecoder Decoder { get; init; } = ImageDecoder.Default;

    /// <summary>Limits for the decoder.</summary>
    public ImageDecoderOptions DecoderOptions { get; init; } = ImageDecoderOptions.Default;

    /// <summary>Threads that read a batch; 0, the default, for all cores.</summary>
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

    private static double Check(double value, double most, [CallerMemberName] string name = "") => value >= 0 && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Expected 0 to {most}.");
}
