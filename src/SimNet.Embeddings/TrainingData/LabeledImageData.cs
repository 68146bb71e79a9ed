using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Training data for a classifier. The target is the probability of each class: 1 for the sample's own class, unless samples are mixed.
/// Images are decoded, prepared and augmented in parallel when they are read. This class is thread-safe.
/// </summary>
public sealed class LabeledImageData : ITrainingData
{
    private const long ImageStream = 1, MixStream = 2;

    private readonly ImmutableArray<LabeledSample> _samples;
    private readonly int _classCount;
    private readonly Preprocessing _preprocessing;
    private readonly LabeledImageDataOptions _options;
    private readonly ImageDecoderOptions _decoderOptions;
    private readonly Lazy<string> _fingerprint;
    private readonly ConcurrentDictionary<ImageSource, Exception> _unreadable = new(ReferenceEqualityComparer.Instance);

    /// <summary>Initializes a new instance of the <see cref="LabeledImageData"/> class.</summary>
    /// <param name="samples">
    /// The samples; at least one. Every read decodes the image again, so it pays to call <see cref="ImageSource.Buffered"/> on images in
    /// files first.
    /// </param>
    /// <param name="classCount">The number of classes; at least 2.</param>
    /// <param name="preprocessing">The preprocessing that turns an image into the network's input.</param>
    /// <param name="options">Augmentation, mixing and decoding, or null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="samples"/> or <paramref name="preprocessing"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// There is no sample, a sample has no image, its class is out of range, or there are fewer than two classes.
    /// </exception>
    public LabeledImageData(
        IEnumerable<LabeledSample> samples, int classCount, Preprocessing preprocessing, LabeledImageDataOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        ArgumentNullException.ThrowIfNull(preprocessing);
        _samples = [.. samples];
        if (_samples.IsEmpty)
        {
            throw new ArgumentException("No sample; expected at least one.", nameof(samples));
        }

        for (int i = 0; i < _samples.Length; i++)
        {
            if (_samples[i] is not { Images.IsDefaultOrEmpty: false } sample || (uint)sample.Class >= (uint)classCount)
            {
                throw new ArgumentException(
                    $"Sample {i} is {_samples[i]}; expected at least one image and a class from 0 to {classCount - 1}.", nameof(samples));
            }
        }

        _classCount = classCount;
        _preprocessing = preprocessing;
        _options = options ?? new LabeledImageDataOptions();

        // Augmentation comes after the preparation, so it needs no more pixels either.
        _decoderOptions = preprocessing.ForDecoding(_options.DecoderOptions);
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public Shape InputShape => _preprocessing.InputShape;

    /// <summary>Gets the shape of a target: classes x 1 x 1.</summary>
    public Shape TargetShape => new(_classCount, 1, 1);

    /// <inheritdoc/>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>
    /// Gets the images that were skipped so far, with the reason: an <see cref="ImageFormatException"/> or an <see cref="IOException"/>.
    /// Empty without <see cref="LabeledImageDataOptions.SkipUnreadable"/>.
    /// </summary>
    public IReadOnlyDictionary<ImageSource, Exception> Unreadable => _unreadable;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A sample's index is out of range, or the length of a buffer is not the number of samples times the length of its shape.
    /// </exception>
    /// <exception cref="ImageFormatException">
    /// An image cannot be decoded, and <see cref="LabeledImageDataOptions.SkipUnreadable"/> is false or no image can be.
    /// </exception>
    /// <exception cref="IOException">An image cannot be read, likewise.</exception>
    public unsafe void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets)
    {
        int length = InputShape.Length;
        CheckLength(inputs.Length, samples.Length, InputShape, nameof(inputs));
        CheckLength(targets.Length, samples.Length, TargetShape, nameof(targets));
        foreach (int sample in samples)
        {
            if ((uint)sample >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(samples), sample, $"Expected 0 to {Count - 1}.");
            }
        }

        int[] numbers = samples.ToArray();
        var threads = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxThreads == 0 ? -1 : _options.MaxThreads };
        fixed (float* firstInput = inputs, firstTarget = targets)
        {
            // A lambda cannot capture a span, but it can capture the address of a pinned one. The lengths are checked above.
            (nint input, nint target) = ((nint)firstInput, (nint)firstTarget);
            try
            {
                Parallel.For(0, numbers.Length, threads, i => ReadSample(
                    numbers[i], seed, epoch,
                    new Span<float>((float*)input + ((long)i * length), length),
                    new Span<float>((float*)target + ((long)i * _classCount), _classCount)));
            }
            catch (AggregateException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            }
        }

        static void CheckLength(int actual, int count, Shape shape, string name)
        {
            if (actual != (long)count * shape.Length)
            {
                throw new ArgumentException(
                    $"{actual} values for {count} samples of {shape}; expected {(long)count * shape.Length}.", name);
            }
        }
    }

    private void ReadSample(int sample, int seed, int epoch, Span<float> input, Span<float> target)
    {
        int ownClass = ReadImage(sample, seed, epoch, input);
        target.Clear();
        target[ownClass] = 1;
        if (_options.Mixup == 0 && _options.CutMix == 0)
        {
            return;
        }

        var random = new SeededRandom(MixStream, seed, epoch, sample);
        if (random.NextDouble() >= _options.MixProbability)
        {
            return;
        }

        int other = random.NextInt32(Count);
        bool cut = random.NextDouble() < (_options.Mixup == 0 ? 1 : _options.CutMix == 0 ? 0 : 0.5);
        int otherClass;
        double kept = BetaDistribution.Sample(ref random, cut ? _options.CutMix : _options.Mixup);
        float[] rented = ArrayPool<float>.Shared.Rent(input.Length);
        try
        {
            Span<float> mixedIn = rented.AsSpan(0, input.Length);
            otherClass = ReadImage(other, seed, epoch, mixedIn);
            if (cut)
            {
                kept = PasteRectangle(mixedIn, input, kept, ref random);
            }
            else
            {
                TensorPrimitives.Multiply(input, (float)kept, input);
                TensorPrimitives.MultiplyAdd(mixedIn, (float)(1 - kept), input, input);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }

        target[ownClass] = (float)kept;
        target[otherClass] += (float)(1 - kept);
    }

    /// <summary>
    /// Reads an image of a sample, or of the one that takes its place. Which one depends on the images alone, not on what was read before.
    /// </summary>
    /// <returns>The class of the image.</returns>
    private int ReadImage(int sample, int seed, int epoch, Span<float> input)
    {
        var random = new SeededRandom(ImageStream, seed, epoch, sample);
        int first = random.NextInt32(_samples[sample].Images.Length);
        Exception? error = null;
        for (int i = 0; i < Count; i++)
        {
            (ImmutableArray<ImageSource> images, int ofClass) = _samples[(sample + i) % Count];
            for (int j = 0; j < images.Length; j++)
            {
                if (TryLoad(images[(first + j) % images.Length], out Exception? problem) is { } image)
                {
                    Image prepared = _preprocessing.Prepare(image);
                    _preprocessing.Normalize(_options.Augmentation.Apply(prepared, (long)random.NextUInt64()), input);
                    return ofClass;
                }

                error ??= problem;
            }
        }

        ExceptionDispatchInfo.Throw(error!);
        return -1;
    }

    /// <summary>Loads an image; returns null for one that is skipped.</summary>
    private Image? TryLoad(ImageSource source, out Exception? problem)
    {
        if (_unreadable.TryGetValue(source, out problem))
        {
            return null;
        }

        try
        {
            return source.Load(_options.Decoder, _decoderOptions);
        }
        catch (Exception exception) when (_options.SkipUnreadable && exception is (ImageFormatException or IOException))
        {
            problem = exception;
            _unreadable.TryAdd(source, exception);
            return null;
        }
    }

    /// <summary>
    /// Copies a random rectangle of one image onto the same place of another. Its area is 1 - <paramref name="kept"/> of the image, less
    /// what lies beyond the edges; its center is uniform over the image.
    /// </summary>
    /// <returns>The fraction of the other image that remains visible.</returns>
    private double PasteRectangle(ReadOnlySpan<float> from, Span<float> onto, double kept, ref SeededRandom random)
    {
        (int channels, int height, int width) = (_preprocessing.Channels, _preprocessing.Height, _preprocessing.Width);
        double side = Math.Sqrt(1 - kept);
        int cutWidth = (int)(width * side), cutHeight = (int)(height * side);
        int left = random.NextInt32(width) - (cutWidth / 2), top = random.NextInt32(height) - (cutHeight / 2);
        int right = Math.Min(left + cutWidth, width), bottom = Math.Min(top + cutHeight, height);
        (left, top) = (Math.Max(left, 0), Math.Max(top, 0));
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = top; y < bottom; y++)
            {
                int row = ((channel * height) + y) * width;
                from[(row + left)..(row + right)].CopyTo(onto[(row + left)..]);
            }
        }

        return 1 - ((double)(right - left) * (bottom - top) / (width * (double)height));
    }

    /// <summary>Computes SHA-256 over the preprocessing, the options and the samples in order.</summary>
    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string augmentation = JsonSerializer.Serialize(_options.Augmentation, FingerprintJson.Default.Augmentation);
        string mixing = FormattableString.Invariant($"{_options.Mixup} {_options.CutMix} {_options.MixProbability} {_classCount}");
        hash.AppendData(Encoding.UTF8.GetBytes($"{_preprocessing.ToJson()}\n{augmentation}\n{mixing}\n"));
        foreach (LabeledSample sample in _samples)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{sample.Class} {sample.Images.Length}\n")));
            foreach (ImageSource image in sample.Images)
            {
                image.AppendTo(hash);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
