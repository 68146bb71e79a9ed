using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Images for a denoising autoencoder: the target is the image with values in 0 to 1, the input the same with Gaussian noise,
/// clipped to 0 to 1. Keeps the images as bytes. Thread-safe.
/// </summary>
public sealed class DenoisingData : ITrainingData
{
    private readonly ImmutableArray<Image> _images;
    private readonly Preprocessing _preprocessing;
    private readonly DenoisingDataOptions _options;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Data of these images.</summary>
    /// <param name="images">What <see cref="Preprocessing.Prepare"/> gave; at least one. Sample n is the n-th of them.</param>
    /// <param name="preprocessing">
    /// How they were prepared. Its means must be 0 and its standard deviations 1: an autoencoder that ends in a sigmoid gives 0 to 1 and
    /// nothing else.
    /// </param>
    /// <param name="options">Noise and augmentation; the defaults if null.</param>
    /// <exception cref="ArgumentException">
    /// There is no image, one was not prepared so, or mean or standard deviation is another.
    /// </exception>
    public DenoisingData(IEnumerable<Image> images, Preprocessing preprocessing, DenoisingDataOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (preprocessing.Mean.AsSpan().ContainsAnyExcept(0f) || preprocessing.StandardDeviation.AsSpan().ContainsAnyExcept(1f))
        {
            throw new ArgumentException(
                $"Mean is [{string.Join(", ", preprocessing.Mean)}], standard deviation [{string.Join(", ", preprocessing.StandardDeviation)}]; "
                + "expected 0 and 1, as targets lie in 0 to 1.",
                nameof(preprocessing));
        }

        _images = [.. images];
        if (_images.IsEmpty)
        {
            throw new ArgumentException("There is no image; expected at least one.", nameof(images));
        }

        for (int i = 0; i < _images.Length; i++)
        {
            Image image = _images[i] ?? throw new ArgumentException($"Image {i} is null.", nameof(images));
            preprocessing.CheckPrepared(image, $"{nameof(images)}[{i}]");
        }

        _preprocessing = preprocessing;
        _options = options ?? new DenoisingDataOptions();
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <inheritdoc/>
    public int Count => _images.Length;

    /// <inheritdoc/>
    public Shape InputShape => _preprocessing.InputShape;

    /// <inheritdoc/>
    public Shape TargetShape => _preprocessing.InputShape;

    /// <inheritdoc/>
    public string Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A sample's number is out of range, or a buffer's length is not that of so many samples.
    /// </exception>
    public void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets)
    {
        int length = InputShape.Length;
        CheckLength(inputs.Length, samples.Length, nameof(inputs));
        CheckLength(targets.Length, samples.Length, nameof(targets));
        for (int i = 0; i < samples.Length; i++)
        {
            int sample = samples[i];
            if ((uint)sample >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(samples), sample, $"Expected 0 to {Count - 1}.");
            }

            var random = new SeededRandom(seed, epoch, sample);
            Image image = _options.Augmentation.Apply(_images[sample], (long)random.NextUInt64());
            Span<float> input = inputs.Slice(i * length, length), target = targets.Slice(i * length, length);
            _preprocessing.Normalize(image, target);
            GaussianNoise.Fill(ref random, input);
            TensorPrimitives.MultiplyAdd(input, _options.NoiseStandardDeviation, target, input);
            TensorPrimitives.Clamp(input, 0f, 1f, input);
        }

        void CheckLength(int actual, int count, string name)
        {
            if (actual != (long)count * length)
            {
                throw new ArgumentException($"{actual} values for {count} samples of {InputShape}; expected {(long)count * length}.", name);
            }
        }
    }

    /// <summary>SHA-256 over the images in order, how they were prepared, and what is done to them.</summary>
    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{_preprocessing.ToJson()}\n{_options}\n"));
        foreach (Image image in _images)
        {
            hash.AppendData(image.Pixels);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
