using System.Numerics.Tensors;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>An image shrunk to 16x16 RGB, and further to 4x4, for comparing images.</summary>
internal sealed class Thumbnail
{
    private const int Side = 16, BlockSide = 4, Channels = 3;

    /// <summary>The smallest contrast, so that two uniform images can match.</summary>
    private const double MinContrast = 1;

    private const int BlocksAcross = Side / BlockSide;

    private readonly Image _fine;
    private readonly float[] _coarse = new float[BlocksAcross * BlocksAcross * Channels];

    private Thumbnail(Image fine)
    {
        _fine = fine;
        ReadOnlySpan<byte> pixels = fine.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i % Channels, x = i / Channels % Side / BlockSide, y = i / Channels / Side / BlockSide;
            _coarse[(((y * BlocksAcross) + x) * Channels) + channel] += pixels[i] / (float)(BlockSide * BlockSide);
        }

        Mean = TensorPrimitives.Average<float>(_coarse);
        Contrast = Math.Max(MinContrast, StandardDeviation(pixels));
    }

    /// <summary>The mean of all values; 0 to 255.</summary>
    public float Mean { get; }

    /// <summary>The standard deviation of the values within each channel.</summary>
    public double Contrast { get; }

    /// <summary>Shrinks an image.</summary>
    public static Thumbnail Create(Image image) => new(image.ToRgb().Resize(Side, Side));

    /// <summary>Whether the root mean square difference of the values is at most this share of the smaller contrast.</summary>
    public bool IsWithin(double share, Thumbnail other)
    {
        double distance = share * Math.Min(Contrast, other.Contrast);

        // Averages of blocks are never further apart than the values themselves, so 48 values rule out most pairs instead of 768.
        if (TensorPrimitives.Distance<float>(_coarse, other._coarse) > (distance + 1e-3) * Math.Sqrt(_coarse.Length))
        {
            return false;
        }

        ReadOnlySpan<byte> one = _fine.Pixels, two = other._fine.Pixels;
        long sum = 0;
        for (int i = 0; i < one.Length && i < two.Length; i++)
        {
            int difference = one[i] - two[i];
            sum += difference * difference;
        }

        return sum <= distance * distance * one.Length;
    }

    private static double StandardDeviation(ReadOnlySpan<byte> pixels)
    {
        Span<long> sums = stackalloc long[Channels];
        long squares = 0;
        for (int i = 0; i < pixels.Length; i++)
        {
            sums[i % Channels] += pixels[i];
            squares += pixels[i] * pixels[i];
        }

        // Var = E[x^2] - mean^2, in integers until the division.
        double count = pixels.Length / Channels, means = 0;
        foreach (long sum in sums)
        {
            means += sum * (double)sum / count;
        }

        return Math.Sqrt((squares - means) / pixels.Length);
    }
}
