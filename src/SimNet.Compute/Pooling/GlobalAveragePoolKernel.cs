using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>Global average pooling of one channels-last sample.</summary>
internal static unsafe class GlobalAveragePoolKernel
{
    /// <summary>Computes the means of a range of channels. The pointers refer to the whole sample.</summary>
    public static void Forward(ChannelKernel kernel, Shape input, int firstChannel, int channels, float* values, float* result)
    {
        int pixels = input.Height * input.Width;
        var means = new Span<float>(result + firstChannel, channels);
        means.Clear();
        kernel.AddSums(values + firstChannel, pixels, channels, input.Channels, result + firstChannel);
        TensorPrimitives.Divide(means, pixels, means);
    }

    /// <summary>Computes the gradient of the input, which is the same for every pixel.</summary>
    public static void Backward(Shape input, float* gradients, float* result)
    {
        int pixels = input.Height * input.Width;
        var share = new Span<float>(result, input.Channels);
        TensorPrimitives.Divide(new ReadOnlySpan<float>(gradients, input.Channels), pixels, share);
        for (int pixel = 1; pixel < pixels; pixel++)
        {
            share.CopyTo(new Span<float>(result + (nint)pixel * input.Channels, input.Channels));
        }
    }
}
