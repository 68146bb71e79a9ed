using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>
/// Softmax over the channels of each pixel of one channels-last sample. Subtracting the maximum m prevents overflow:
/// <code>
/// y[c] = exp(x[c] - m) / sum over k of exp(x[k] - m)
/// d loss / d x[c] = y[c] (g[c] - sum over k of g[k] y[k])
/// </code>
/// </summary>
internal static unsafe class ChannelSoftmax
{
    /// <summary>Computes the softmax. May run in place.</summary>
    public static void Forward(Shape shape, float* values, float* result)
    {
        for (int pixel = shape.Height * shape.Width; pixel > 0; pixel--)
        {
            var from = new ReadOnlySpan<float>(values, shape.Channels);
            var to = new Span<float>(result, shape.Channels);
            TensorPrimitives.Subtract(from, TensorPrimitives.Max(from), to);
            TensorPrimitives.Exp(to, to);
            TensorPrimitives.Divide(to, TensorPrimitives.Sum(to), to);
            values += shape.Channels;
            result += shape.Channels;
        }
    }

    /// <summary>Computes the logarithm of the softmax: x - m - log(sum over k of exp(x[k] - m)). Not in place.</summary>
    public static void LogForward(Shape shape, float* values, float* result)
    {
        for (int pixel = shape.Height * shape.Width; pixel > 0; pixel--)
        {
            var from = new ReadOnlySpan<float>(values, shape.Channels);
            var to = new Span<float>(result, shape.Channels);
            float largest = TensorPrimitives.Max(from);
            TensorPrimitives.Subtract(from, largest, to);
            TensorPrimitives.Exp(to, to);
            float logarithm = MathF.Log(TensorPrimitives.Sum(to));
            TensorPrimitives.Subtract(from, largest, to);
            TensorPrimitives.Subtract(to, logarithm, to);
            values += shape.Channels;
            result += shape.Channels;
        }
    }

    /// <summary>Computes the gradient of the input of <see cref="LogForward"/>: g[c] - exp(y[c]) times the sum over k of g[k].</summary>
    public static void LogBackward(Shape shape, float* outputs, float* gradients, float* result)
    {
        for (int pixel = shape.Height * shape.Width; pixel > 0; pixel--)
        {
            var gradient = new ReadOnlySpan<float>(gradients, shape.Channels);
            var to = new Span<float>(result, shape.Channels);
            TensorPrimitives.Exp(new ReadOnlySpan<float>(outputs, shape.Channels), to);
            TensorPrimitives.Multiply(to, -TensorPrimitives.Sum(gradient), to);
            TensorPrimitives.Add(to, gradient, to);
            outputs += shape.Channels;
            gradients += shape.Channels;
            result += shape.Channels;
        }
    }

    /// <summary>Computes the gradient of the input from the outputs and their gradients.</summary>
    public static void Backward(Shape shape, float* outputs, float* gradients, float* result)
    {
        for (int pixel = shape.Height * shape.Width; pixel > 0; pixel--)
        {
            var output = new ReadOnlySpan<float>(outputs, shape.Channels);
            var gradient = new ReadOnlySpan<float>(gradients, shape.Channels);
            var to = new Span<float>(result, shape.Channels);
            TensorPrimitives.Subtract(gradient, TensorPrimitives.Dot(gradient, output), to);
            TensorPrimitives.Multiply(to, output, to);
            outputs += shape.Channels;
            gradients += shape.Channels;
            result += shape.Channels;
        }
    }
}
