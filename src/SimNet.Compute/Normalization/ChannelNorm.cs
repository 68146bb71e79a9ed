using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>
/// Normalizations over the channels of each pixel of one channels-last sample. With n the norm, m the mean, and s the standard deviation:
/// <code>
/// unit length:  y = x / n;  dx = (g - y (g . y)) / n
/// layer norm:   h = (x - m) / s;  y = w h + b;  dx = (w g - mean(w g) - h mean(w g h)) / s;  dw = sum g h;  db = sum g
/// </code>
/// </summary>
internal static unsafe class ChannelNorm
{
    /// <summary>Scales the channels of some pixels to unit length. May run in place.</summary>
    public static void UnitLength(int channels, float epsilon, float* values, float* result, int pixels)
    {
        for (; pixels > 0; pixels--)
        {
            var from = new ReadOnlySpan<float>(values, channels);
            TensorPrimitives.Divide(from, Divisor(from, epsilon), new Span<float>(result, channels));
            values += channels;
            result += channels;
        }
    }

    /// <summary>Computes the gradient of the input of <see cref="UnitLength"/>.</summary>
    public static void UnitLengthBackward(int channels, float epsilon, float* values, float* gradients, float* result, int pixels)
    {
        for (; pixels > 0; pixels--)
        {
            var from = new ReadOnlySpan<float>(values, channels);
            var gradient = new ReadOnlySpan<float>(gradients, channels);
            var to = new Span<float>(result, channels);
            float divisor = Divisor(from, epsilon);

            // Where the norm is too small, the divisor is a constant.
            float along = divisor > epsilon ? TensorPrimitives.Dot(gradient, from) / divisor / divisor : 0;
            TensorPrimitives.Multiply(from, -along, to);
            TensorPrimitives.Add(to, gradient, to);
            TensorPrimitives.Divide(to, divisor, to);
            values += channels;
            gradients += channels;
            result += channels;
        }
    }

    /// <summary>Computes the layer norm of some pixels. May run in place.</summary>
    public static void LayerNorm(int channels, float epsilon, float* weight, float* bias, float* values, float* result, int pixels)
    {
        var scale = new ReadOnlySpan<float>(weight, channels);
        var shift = new ReadOnlySpan<float>(bias, channels);
        for (; pixels > 0; pixels--)
        {
            var to = new Span<float>(result, channels);
            Standardize(new ReadOnlySpan<float>(values, channels), epsilon, to);
            TensorPrimitives.MultiplyAdd(to, scale, shift, to);
            values += channels;
            result += channels;
        }
    }

    /// <summary>
    /// Computes the gradient of the input of <see cref="LayerNorm"/>, unless <paramref name="result"/> is null, and adds those of weight
    /// and bias to the sums, unless they are null. The workspace holds two values for each channel.
    /// </summary>
    public static void LayerNormBackward(
        int channels,
        float epsilon,
        float* weight,
        float* values,
        float* gradients,
        float* result,
        int pixels,
        float* weightSums,
        float* biasSums,
        float* workspace)
    {
        var standard = new Span<float>(workspace, channels);
        var scaled = new Span<float>(workspace + channels, channels);
        for (; pixels > 0; pixels--)
        {
            var gradient = new ReadOnlySpan<float>(gradients, channels);
            float inverse = Standardize(new ReadOnlySpan<float>(values, channels), epsilon, standard);
            if (weightSums != null)
            {
                var sums = new Span<float>(weightSums, channels);
                TensorPrimitives.MultiplyAdd(gradient, standard, sums, sums);
                sums = new Span<float>(biasSums, channels);
                TensorPrimitives.Add(gradient, sums, sums);
            }

            if (result != null)
            {
                var to = new Span<float>(result, channels);
                TensorPrimitives.Multiply(gradient, new ReadOnlySpan<float>(weight, channels), scaled);
                float mean = TensorPrimitives.Sum(scaled) / channels, slope = TensorPrimitives.Dot(scaled, standard) / channels;
                TensorPrimitives.Multiply(standard, -slope, standard);
                TensorPrimitives.Add(scaled, standard, scaled);
                TensorPrimitives.Subtract(scaled, mean, scaled);
                TensorPrimitives.Multiply(scaled, inverse, to);
                result += channels;
            }

            values += channels;
            gradients += channels;
        }
    }

    /// <summary>Computes (x - mean) / sqrt(variance + epsilon) and returns 1 / sqrt(variance + epsilon).</summary>
    private static float Standardize(ReadOnlySpan<float> values, float epsilon, Span<float> result)
    {
        TensorPrimitives.Subtract(values, TensorPrimitives.Sum(values) / values.Length, result);

        // The second subtraction removes the rounding error of the first mean.
        TensorPrimitives.Subtract(result, TensorPrimitives.Sum(result) / values.Length, result);
        float inverse = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares(result) / values.Length) + epsilon);
        TensorPrimitives.Multiply(result, inverse, result);
        return inverse;
    }

    private static float Divisor(ReadOnlySpan<float> values, float epsilon)
    {
        float norm = TensorPrimitives.Norm(values);
        return norm < epsilon ? epsilon : norm;
    }
}
