using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Describes how an image becomes the input of a network: color conversion, resizing, normalization. A model file stores it in its metadata
/// under <see cref="MetadataKey"/>, so that images are embedded exactly as the model was trained. Two instances are equal if all their
/// values are.
/// </summary>
/// <remarks>
/// Preprocessing has two steps, so that training can keep prepared images in memory as bytes: <see cref="Prepare"/> converts the color and
/// the size, and <see cref="Normalize"/> converts the bytes to floats.
/// </remarks>
public sealed record Preprocessing
{
    /// <summary>The key of the preprocessing's JSON, as <see cref="ToJson"/> returns it, in the metadata of a model.</summary>
    public const string MetadataKey = "preprocessing";

    /// <summary>The largest width and height, 16384.</summary>
    public const int MaximumSize = 16384;

    /// <summary>
    /// Gets the preprocessing for networks trained on ImageNet, such as torchvision's: 224x224 RGB, the mean and standard deviation of
    /// ImageNet, <see cref="ResizeFilter.Adaptive"/>. The whole image is stretched to the input.
    /// </summary>
    public static Preprocessing ImageNet { get; } = new()
    {
        Width = 224,
        Height = 224,
        Color = ColorMode.Rgb,
        Filter = ResizeFilter.Adaptive,
        Mean = [0.485f, 0.456f, 0.406f],
        StandardDeviation = [0.229f, 0.224f, 0.225f],
    };

    /// <summary>Gets the width of the network's input, from 1 to <see cref="MaximumSize"/> pixels. The default is 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Width
    {
        get;
        init => field = CheckSize(value);
    } = 64;

    /// <summary>Gets the height of the network's input, from 1 to <see cref="MaximumSize"/> pixels. The default is 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Height
    {
        get;
        init => field = CheckSize(value);
    } = 64;

    /// <summary>Gets the channels of the network's input. The default is <see cref="ColorMode.Gray"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public ColorMode Color
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>
    /// Gets how images of another aspect ratio are fitted to <see cref="Width"/> and <see cref="Height"/>. The default is
    /// <see cref="FitMode.Stretch"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public FitMode Fit
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>Gets the filter that resizes images. The default is <see cref="ResizeFilter.Area"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public ResizeFilter Filter
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Unknown(value);
    }

    /// <summary>Gets the color that surrounds images under <see cref="FitMode.Pad"/>. The default is white.</summary>
    public RgbColor Background { get; init; } = RgbColor.White;

    /// <summary>
    /// Gets the value subtracted from each channel, on the scale from 0 to 1; one value per channel. The default, also for an empty array,
    /// is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite.</exception>
    public ImmutableArray<float> Mean
    {
        get => field.IsDefaultOrEmpty ? PerChannel(0) : field;
        init => field = CheckValues(value, positive: false);
    }

    /// <summary>
    /// Gets the divisor of each channel, applied after <see cref="Mean"/>; one value per channel. The default, also for an empty array,
    /// is 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite, or not above 0.</exception>
    public ImmutableArray<float> StandardDeviation
    {
        get => field.IsDefaultOrEmpty ? PerChannel(1) : field;
        init => field = CheckValues(value, positive: true);
    }

    /// <summary>Gets the number of channels: 1 for gray, 3 for RGB.</summary>
    public int Channels => Color == ColorMode.Gray ? 1 : 3;

    /// <summary>Gets the shape of the network's input: channels x height x width.</summary>
    public Shape InputShape => new(Channels, Height, Width);

    /// <summary>Reads the preprocessing from the metadata of a model.</summary>
    /// <param name="metadata">The metadata of the model.</param>
    /// <returns>The preprocessing stored under <see cref="MetadataKey"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="metadata"/> is null.</exception>
    /// <exception cref="ArgumentException">The metadata has no preprocessing, or it cannot be read.</exception>
    public static Preprocessing FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(MetadataKey, out string? json))
        {
            throw new ArgumentException($"The model has no preprocessing; expected '{MetadataKey}' in its metadata.", nameof(metadata));
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

    /// <summary>Creates metadata for a model, with this preprocessing under <see cref="MetadataKey"/>.</summary>
    /// <returns>Metadata with this one entry.</returns>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> does not have one value per channel.
    /// </exception>
    public ImmutableDictionary<string, string> ToMetadata() => ImmutableDictionary<string, string>.Empty.Add(MetadataKey, ToJson());

    /// <summary>Parses the JSON that <see cref="ToJson"/> returns.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The preprocessing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="FormatException">
    /// The JSON is invalid, has another version, or has a value out of range; the message names the field.
    /// </exception>
    public static Preprocessing FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return PreprocessingJson.Read(json);
    }

    /// <summary>Returns all values as one line of JSON with a version number. Equal values give equal text.</summary>
    /// <returns>The JSON.</returns>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> does not have one value per channel.
    /// </exception>
    public string ToJson()
    {
        CheckLengths();
        return PreprocessingJson.Write(this);
    }

    /// <summary>
    /// Adds to decoder options what <see cref="Prepare"/> needs of an image, so that a decoder need not decode more. A decoded image can be
    /// smaller than the file's, and its prepared pixels can differ a little. For <see cref="ResizeFilter.Bilinear"/>, which skips pixels,
    /// only the color is added.
    /// </summary>
    /// <param name="options">The limits and all else.</param>
    /// <returns>The options with <see cref="ImageDecoderOptions.TargetWidth"/>, <see cref="ImageDecoderOptions.TargetHeight"/> and
    /// <see cref="ImageDecoderOptions.TargetColor"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public ImageDecoderOptions ForDecoding(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Filter == ResizeFilter.Bilinear
            ? options with { TargetColor = Color }
            : options with { TargetWidth = Width, TargetHeight = Height, TargetColor = Color };
    }

    /// <summary>Converts an image to the channels and size of the network's input, still 8 bits per value.</summary>
    /// <param name="image">An image of any size.</param>
    /// <returns>The prepared image; <paramref name="image"/> itself if it already has these channels and this size.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
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
    /// Converts a prepared image to floats, channel by channel (CHW): (value / 255 - mean) / standard deviation, with each of the three
    /// float32 operations rounded.
    /// </summary>
    /// <param name="prepared">The image, as <see cref="Prepare"/> returns it.</param>
    /// <param name="destination">Receives the floats; as long as <see cref="InputShape"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="prepared"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// The image does not have the size and channels of <see cref="InputShape"/>, or <paramref name="destination"/> has another length.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> does not have one value per channel.
    /// </exception>
    [SkipLocalsInit]
    public void Normalize(Image prepared, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        CheckLengths();
        CheckPrepared(prepared, nameof(prepared));
        if (destination.Length != InputShape.Length)
        {
            throw new ArgumentException(
                $"{destination.Length} values for {InputShape}; expected {InputShape.Length}.", nameof(destination));
        }

        // A value has 256 possibilities: a table is exact, and as fast as arithmetic.
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

    /// <summary>Turns an image into the network's input: <see cref="Prepare"/>, then <see cref="Normalize"/>.</summary>
    /// <param name="image">An image of any size.</param>
    /// <param name="destination">Receives the floats, channel by channel (CHW); as long as <see cref="InputShape"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length than <see cref="InputShape"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Mean"/> or <see cref="StandardDeviation"/> does not have one value per channel.
    /// </exception>
    public void Apply(Image image, Span<float> destination) => Normalize(Prepare(image), destination);

    /// <summary>Returns all values as JSON.</summary>
    /// <returns>The JSON.</returns>
    public override string ToString() => PreprocessingJson.Write(this);

    /// <summary>Determines whether all values are equal, including those in the arrays.</summary>
    /// <param name="other">The other preprocessing, or null.</param>
    /// <returns>True if all values are equal.</returns>
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

    /// <summary>Throws if <see cref="Prepare"/> would change the image.</summary>
    internal void CheckPrepared(Image image, string argument)
    {
        if (image.Width != Width || image.Height != Height || image.Channels != Channels)
        {
            throw new ArgumentException(
                $"The image is {image.Width}x{image.Height} with {image.Channels} channels; "
                + $"expected a prepared image, {Width}x{Height} with {Channels} channels.",
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
                throw new ArgumentOutOfRangeException(
                    name, values[i], $"Value {i} is out of range; expected a finite value{(positive ? " above 0" : "")}.");
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
