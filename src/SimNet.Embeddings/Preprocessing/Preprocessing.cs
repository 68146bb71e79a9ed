using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// How an image becomes a network's input: channels, then size, then scale. It travels in the model file's metadata under
/// <see cref="MetadataKey"/>, so that images are embedded just as they were trained on. Equal when every value is.
/// </summary>
/// <remarks>
/// In two steps, so that training can keep prepared images in memory as bytes: <see cref="Prepare"/> makes the image of the right size
/// and channels, <see cref="Normalize"/> makes floats of it.
/// </remarks>
public sealed record Preprocessing
{
    /// <summary>Under which name <see cref="ToJson"/>'s text stands in a model file's metadata.</summary>
    public const string MetadataKey = "preprocessing";

    /// <summary>The largest width and height.</summary>
    public const int MaximumSize = 16384;

    /// <summary>What torchvision's ImageNet networks expect: 224x224 RGB, that data set's mean and standard deviation. The whole image is stretched.</summary>
    public static Preprocessing ImageNet { get; } = new()
    {
        Width = 224,
        Height = 224,
        Color = ColorMode.Rgb,
        Filter = ResizeFilter.Adaptive,
        Mean = [0.485f, 0.456f, 0.406f],
        StandardDeviation = [0.229f, 0.224f, 0.225f],
    };

    /// <summary>Columns of the network's input; 64 by default, 1 to <see cref="MaximumSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Width
    {
        get;
        init => field = CheckSize(value);
    } = 64;

    /// <summary>Rows of the network's input; 64 by default, 1 to <see cref="MaximumSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Height
    {
        get;
        init => field = CheckSize(value);
    } = 64;

    /// <summary>Channels of the network's input; gray by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the named ones.</exception>
    public ColorMode Color
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>How other proportions are brought to <see cref="Width"/> and <see cref="Height"/>; stretched by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the named ones.</exception>
    public FitMode Fit
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>How images are resized; <see cref="ResizeFilter.Area"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the named ones.</exception>
    public ResizeFilter Filter
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>What surrounds an image with <see cref="FitMode.Pad"/>; white by default.</summary>
    public RgbColor Background { get; init; } = RgbColor.White;

    /// <summary>
    /// What is taken from each channel's values, which lie in 0 to 1; one value per channel. 0 by default, for which an empty array
    /// stands as well.
    /// </summary>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public ImmutableArray<float> Mean
    {
        get => field.IsDefaultOrEmpty ? PerChannel(0) : field;
        init => field = CheckValues(value, positive: false);
    }

    /// <summary>
    /// What each channel's values are divided by after <see cref="Mean"/> was taken away; one value per channel. 1 by default, for which
    /// an empty array stands as well.
    /// </summary>
    /// <exception cref="ArgumentException">A value is not finite, or not above 0.</exception>
    public ImmutableArray<float> StandardDeviation
    {
        get => field.IsDefaultOrEmpty ? PerChannel(1) : field;
        init => field = CheckValues(value, positive: true);
    }

    /// <summary>Number of channels: 1 for gray, 3 for RGB.</summary>
    public int Channels => Color == ColorMode.Gray ? 1 : 3;

    /// <summary>The shape of what <see cref="Apply"/> writes.</summary>
    public Shape InputShape => new(Channels, Height, Width);

    /// <summary>Finds the preprocessing in a model's metadata, under <see cref="MetadataKey"/>.</summary>
    /// <param name="metadata">The model's metadata.</param>
    /// <exception cref="ArgumentException">There is none, or it is damaged.</exception>
    public static Preprocessing FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(MetadataKey, out string? json))
        {
            throw new ArgumentException($"The model carries no preprocessing; expected it in its metadata under '{MetadataKey}'.", nameof(metadata));
        }

        try
        {
            return FromJson(json);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"The model's preprocessing cannot be read: {exception.Message}", nameof(metadata), exception);
        }
    }

    /// <summary>Metadata that holds this preprocessing under <see cref="MetadataKey"/>, to make a model with.</summary>
    public ImmutableDictionary<string, string> ToMetadata() => ImmutableDictionary<string, string>.Empty.Add(MetadataKey, ToJson());

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">
    /// The text is not such JSON, is of a later version, or holds a value out of range; the message names the field.
    /// </exception>
    public static Preprocessing FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return PreprocessingJson.Read(json);
    }

    /// <summary>All values as JSON with a version number, in one line. The same values give the same text.</summary>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> is not one value per channel.
    /// </exception>
    public string ToJson()
    {
        CheckLengths();
        return PreprocessingJson.Write(this);
    }

    /// <summary>The image in the right channels and size, still 8-bit. An image that is so already is given back.</summary>
    /// <param name="image">An image of any size.</param>
    public Image Prepare(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        image = Color == ColorMode.Gray ? image.ToGray() : image.ToRgb();
        long width = image.Width, height = image.Height;
        switch (Fit)
        {
            case FitMode.Crop when width * Height > height * Width:
                int columns = (int)Math.Max(1, ((height * Width) + (Height / 2)) / Height);
                return image.Crop((image.Width - columns) / 2, 0, columns, image.Height).Resize(Width, Height, Filter);
            case FitMode.Crop:
                int rows = (int)Math.Max(1, ((width * Height) + (Width / 2)) / Width);
                return image.Crop(0, (image.Height - rows) / 2, image.Width, rows).Resize(Width, Height, Filter);
            case FitMode.Pad:
                bool wide = width * Height > height * Width;
                int innerWidth = wide ? Width : (int)Math.Max(1, ((width * Height) + (height / 2)) / height);
                int innerHeight = wide ? (int)Math.Max(1, ((height * Width) + (width / 2)) / width) : Height;
                int left = (Width - innerWidth) / 2, top = (Height - innerHeight) / 2;
                return image.Resize(innerWidth, innerHeight, Filter)
                    .Pad(left, top, Width - innerWidth - left, Height - innerHeight - top, Background);
            default:
                return image.Resize(Width, Height, Filter);
        }
    }

    /// <summary>
    /// A prepared image as floats, channel by channel (CHW): value / 255, less the channel's mean, divided by its standard deviation;
    /// three float32 operations in that order, each rounded.
    /// </summary>
    /// <param name="prepared">What <see cref="Prepare"/> gave.</param>
    /// <param name="destination">Filled; its length is that of <see cref="InputShape"/>.</param>
    /// <exception cref="ArgumentException">The image is not of <see cref="InputShape"/>, or the destination is not as long.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> is not one value per channel.
    /// </exception>
    [SkipLocalsInit]
    public void Normalize(Image prepared, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        CheckLengths();
        CheckPrepared(prepared, nameof(prepared));
        if (destination.Length != InputShape.Length)
        {
            throw new ArgumentException($"{destination.Length} values for {InputShape}; expected {InputShape.Length}.", nameof(destination));
        }

        // With 256 possible values a table is exact and as fast as arithmetic.
        Span<float> table = stackalloc float[256];
        ReadOnlySpan<byte> pixels = prepared.Pixels;
        int channels = Channels, size = Width * Height;
        ImmutableArray<float> means = Mean, deviations = StandardDeviation;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int value = 0; value < table.Length; value++)
            {
                table[value] = ((value / 255f) - means[channel]) / deviations[channel];
            }

            Span<float> plane = destination.Slice(channel * size, size);
            for (int i = 0, at = channel; i < plane.Length && at < pixels.Length; i++, at += channels)
            {
                plane[i] = table[pixels[at]];
            }
        }
    }

    /// <summary><see cref="Prepare"/>, then <see cref="Normalize"/>.</summary>
    /// <param name="image">An image of any size.</param>
    /// <param name="destination">Filled channel by channel (CHW); its length is that of <see cref="InputShape"/>.</param>
    /// <exception cref="ArgumentException">The destination is not as long as <see cref="InputShape"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> is not one value per channel.
    /// </exception>
    public void Apply(Image image, Span<float> destination) => Normalize(Prepare(image), destination);

    /// <summary>All values, as <see cref="ToJson"/> writes them.</summary>
    public override string ToString() => PreprocessingJson.Write(this);

    /// <summary>Whether every value is the same, those in the arrays included.</summary>
    public bool Equals(Preprocessing? other) => other is not null
        && Width == other.Width && Height == other.Height && Color == other.Color && Fit == other.Fit && Filter == other.Filter
        && Background == other.Background && Mean.AsSpan().SequenceEqual(other.Mean.AsSpan())
        && StandardDeviation.AsSpan().SequenceEqual(other.StandardDeviation.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Width);
        hash.Add(Height);
        hash.Add(Color);
        hash.Add(Fit);
        hash.Add(Filter);
        hash.Add(Background);
        foreach (float value in Mean)
        {
            hash.Add(value);
        }

        foreach (float value in StandardDeviation)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Refuses an image that <see cref="Prepare"/> would have to change.</summary>
    internal void CheckPrepared(Image image, string argument)
    {
        if (image.Width != Width || image.Height != Height || image.Channels != Channels)
        {
            throw new ArgumentException(
                $"The image is {image.Width} wide, {image.Height} high, with {image.Channels} channels; expected a prepared one of {Width}, {Height}, {Channels}.",
                argument);
        }
    }

    private static int CheckSize(int size, [CallerMemberName] string name = "") => size is >= 1 and <= MaximumSize
        ? size
        : throw new ArgumentOutOfRangeException(name, size, $"Expected 1 to {MaximumSize}.");

    private static ImmutableArray<float> CheckValues(ImmutableArray<float> values, bool positive, [CallerMemberName] string name = "")
    {
        for (int i = 0; !values.IsDefault && i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) || (positive && values[i] <= 0))
            {
                throw new ArgumentOutOfRangeException(name, values[i], $"Value {i} is not finite{(positive ? " and above 0" : "")}.");
            }
        }

        return values;
    }

    private static ArgumentOutOfRangeException Unknown<T>(T value, [CallerMemberName] string name = "")
        where T : struct, Enum => new(name, value, $"Expected one of {string.Join(", ", Enum.GetNames<T>())}.");

    private ImmutableArray<float> PerChannel(float value) => Color == ColorMode.Gray ? [value] : [value, value, value];

    private void CheckLengths()
    {
        Check(Mean, nameof(Mean));
        Check(StandardDeviation, nameof(StandardDeviation));

        void Check(ImmutableArray<float> values, string name)
        {
            if (values.Length != Channels)
            {
                throw new InvalidOperationException($"{name} has {values.Length} values; expected {Channels}, one per channel of {Color}.");
            }
        }
    }
}
