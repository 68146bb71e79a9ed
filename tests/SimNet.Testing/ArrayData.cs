using SimNet.Models;

namespace SimNet.Testing;

/// <summary>Training data in arrays, optionally with noise that depends on seed, epoch and sample. Records all reads.</summary>
public sealed class ArrayData(float[] inputs, float[] targets, Shape inputShape, Shape targetShape) : ITrainingData
{
    private readonly float[] _inputs = inputs;
    private readonly float[] _targets = targets;
    private int _reading;

    public int Count => _inputs.Length / inputShape.Length;

    public Shape InputShape => inputShape;

    public Shape TargetShape => targetShape;

    public float Noise { get; init; }

    public string Fingerprint
        => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. _inputs, .. _targets, Noise])));

    public Action<int>? OnRead { get; init; }

    public System.Collections.Concurrent.ConcurrentQueue<(int[] Samples, int Seed, int Epoch)> Reads { get; } = new();

    /// <summary>Whether a read is in progress.</summary>
    public bool Reading => Volatile.Read(ref _reading) > 0;

    /// <summary>Samples of y = 3 x - 1 with x evenly spaced from -1 to 1.</summary>
    public static ArrayData Line(int count, float noise = 0) =>
        new(
            [.. Enumerable.Range(0, count).Select(i => X(i, count))],
            [.. Enumerable.Range(0, count).Select(i => 3 * X(i, count) - 1)],
            new Shape(1, 1, 1),
            new Shape(1, 1, 1))
        { Noise = noise };

    public void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets)
    {
        Interlocked.Increment(ref _reading);
        Reads.Enqueue((samples.ToArray(), seed, epoch));
        OnRead?.Invoke(Reads.Count);
        Assert.Equal(samples.Length * inputShape.Length, inputs.Length);
        Assert.Equal(samples.Length * targetShape.Length, targets.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            var random = new SeededRandom(seed, epoch, samples[i]);
            Span<float> input = inputs.Slice(i * inputShape.Length, inputShape.Length);
            _inputs.AsSpan(samples[i] * inputShape.Length, inputShape.Length).CopyTo(input);
            if (Noise != 0)
            {
                for (int j = 0; j < input.Length; j++)
                {
                    input[j] += Noise * (random.NextSingle() - 0.5f);
                }
            }

            _targets.AsSpan(samples[i] * targetShape.Length, targetShape.Length).CopyTo(targets[(i * targetShape.Length)..]);
        }

        Interlocked.Decrement(ref _reading);
    }

    private static float X(int i, int count) => count == 1 ? 0 : 2f * i / (count - 1) - 1;
}
