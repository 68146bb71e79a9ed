using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// Training data for a denoising autoencoder. The target is an image with values from 0 to 1; the input is the target plus Gaussian noise,
/// clamped to 0 to 1. The images stay in memory as bytes. This class is thread-safe.
/// </summary>
public sealed class DenoisingData : ITrainingData
{
    private readonly ImmutableArray<Image> _images;
    private readonly Preprocessing _preprocessing;
    private readonly DenoisingDataOptions _options;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Initializes a new instance of the <see cref="DenoisingData"/> class.</summary>
    /// <param name="images">
    /// The images, as <see cref="Preprocessing.Prepare"/> returns them; at least one. Each is the sample of its index.
    /// </param>
    /// <param name="preprocessing">
    /// The preprocessing that prepared the images. Its means must be 0 and its standard deviations 1, because an autoencoder with a sigmoid
    /// output reconstructs values from 0 to 1.
    /// </param>
    /// <param name="options">Noise and augmentation, or null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="images"/> or <paramref name="preprocessing"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// There is no image, an image does not have the size and channels of <paramref name="preprocessing"/>, or the mean is not 0 or the
    /// standard deviation not 1.
    /// </exception>
    public DenoisingData(IEnumerable<Image> images, Preprocessing preprocessing, DenoisingDataOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (preprocessing.Mean.AsSpan().ContainsAnyExcept(0f) || preprocessing.StandardDeviation.AsSpan().ContainsAnyExcept(1f))
        {
            throw new ArgumentException(
                $"Mean is [{string.Join(", ", preprocessing.Mean)}], "
                + $"standard deviation [{string.Join(", ", preprocessing.StandardDeviation)}]; "
                + "expected 0 and 1, because targets are from 0 to 1.",
                nameof(preprocessing));
        }

        _images = [.. images];
        if (_images.IsEmpty)
        {
            throw new ArgumentException("No image; expected at least one.", nameof(images));
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
    /// A sample's index is out of range, or the length of a buffer is not the number of samples times the length of its shape.
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

    /// <summary>Computes SHA-256 over the preprocessing, the options and the images in order.</summary>
    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string options = JsonSerializer.Serialize(_options, FingerprintJson.Default.DenoisingDataOptions);
        hash.AppendData(Encoding.UTF8.GetBytes($"{_preprocessing.ToJson()}\n{options}\n"));
        foreach (Image image in _images)
        {
            hash.AppendData(image.Pixels);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
