using System.Numerics.Tensors;

namespace SimNet.Embeddings;

/// <summary>Brightness, contrast, saturation and noise in one pass over floats, rounded and clipped to 0..255 once.</summary>
internal static class ColorJitter
{
    /// <summary>
    /// With a pixel p, its luma l and the picture's mean luma m, all times the brightness:
    /// m + contrast (l + saturation (p - l) - m) + 255 noise.
    /// </summary>
    public static Image Apply(Image image, float brightness, float contrast, float saturation, float noise, ref SeededRandom random)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        float[] values = new float[from.Length];
        if (noise > 0)
        {
            GaussianNoise.Fill(ref random, values);
            TensorPrimitives.Multiply(values, 255 * noise, values);
        }

        // (1 - contrast) m is the same for every pixel; the rest is linear in p and l.
        float constant = (1 - contrast) * brightness * MeanLuma(image);
        float gain = contrast * brightness;
        byte[] pixels = new byte[from.Length];
        if (image.Channels == 1)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = Round(constant + (gain * from[i]) + values[i]);
            }
        }
        else
        {
            for (int i = 0; i + 2 < pixels.Length; i += 3)
            {
                float luma = Luma(from[i], from[i + 1], from[i + 2]);
                float grey = constant + (gain * (1 - saturation) * luma), own = gain * saturation;
                pixels[i] = Round(grey + (own * from[i]) + values[i]);
                pixels[i + 1] = Round(grey + (own * from[i + 1]) + values[i + 1]);
                pixels[i + 2] = Round(grey + (own * from[i + 2]) + values[i + 2]);
            }
        }

        return new Image(image.Width, image.Height, image.Channels, pixels);
    }

    private static float MeanLuma(Image image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        ulong sum = 0;
        if (image.Channels == 1)
        {
            foreach (byte value in pixels)
            {
                sum += value;
            }

            return (float)((double)sum / pixels.Length);
        }

        for (int i = 0; i + 2 < pixels.Length; i += 3)
        {
            sum += (ulong)((299 * pixels[i]) + (587 * pixels[i + 1]) + (114 * pixels[i + 2]));
        }

        return (float)(sum / 1000.0 / (pixels.Length / 3));
    }

    private static float Luma(byte red, byte green, byte blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);

    private static byte Round(float value) => (byte)Math.Clamp(value + 0.5f, 0, 255);
}
