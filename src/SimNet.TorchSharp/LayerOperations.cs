using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;
using Functions = TorchSharp.torch.nn.functional;

namespace SimNet.TorchSharp;

/// <summary>
/// Runs each kind of layer with TorchSharp's operations. A result may share the memory of an input, but is always a separate tensor object.
/// </summary>
/// <param name="pass">The forward pass that the layers belong to.</param>
internal sealed class LayerOperations(ForwardPass pass)
    : ILayerVisitor<LayerOperations.Inputs, Tensor>, IActivationVisitor<LayerOperations.Inputs, Tensor>
{
    /// <summary>Runs one layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Its inputs, N x C x H x W, and the shape of its output.</param>
    public Tensor Run(Layer layer, Inputs inputs) => layer.Accept(this, inputs);

    public Tensor Visit(Conv2d layer, Inputs inputs) => Convolve(layer, inputs.First, pass);

    public Tensor Visit(ConvTranspose2d layer, Inputs inputs) => ConvolveTransposed(layer, inputs.First, inputs.Output, pass);

    public Tensor Visit(BatchNorm2d layer, Inputs inputs) => Normalize(layer, inputs.First, pass, inputs.Index);

    public Tensor Visit(MaxPool2d layer, Inputs inputs) => MaxPool(layer, inputs.First, inputs.Output);

    public Tensor Visit(AveragePool2d layer, Inputs inputs) => AveragePool(layer, inputs.First, inputs.Output);

    public Tensor Visit(GlobalAveragePool2d layer, Inputs inputs) => inputs.First.to(ScalarType.Float32).mean([2, 3], keepdim: true);

    public Tensor Visit(Softmax layer, Inputs inputs) => inputs.First.to(ScalarType.Float32).softmax(1);

    public Tensor Visit(Dropout layer, Inputs inputs) => Drop(layer, inputs.First, inputs.Output, pass, inputs.Index);

    public Tensor Visit(Concat layer, Inputs inputs) => cat(inputs.All, 1);

    public Tensor Visit(Add layer, Inputs inputs) => inputs.All.Skip(1).Aggregate(inputs.First.alias(), (sum, next) => sum.Plus(next));

    public Tensor Visit(Multiply layer, Inputs inputs) => inputs.First * inputs.All[1];

    public Tensor Visit(ZeroPad2d layer, Inputs inputs) => Pad(inputs.First, layer.Padding, 0);

    public Tensor Visit(Flatten layer, Inputs inputs) => inputs.First.reshape(-1, inputs.Output.Channels, 1, 1);

    public Tensor Visit(ChannelShuffle layer, Inputs inputs) => inputs.First.reshape(
        -1, layer.Groups, inputs.Output.Channels / layer.Groups, inputs.Output.Height, inputs.Output.Width)
        .transpose(1, 2)
        .reshape(-1, inputs.Output.Channels, inputs.Output.Height, inputs.Output.Width);

    public Tensor Visit(Slice layer, Inputs inputs) => inputs.First
        .narrow(1, layer.FirstChannel, inputs.Output.Channels)
        .slice(2, layer.Crop.Top, layer.Crop.Top + ((inputs.Output.Height - 1) * layer.Step.Height) + 1, layer.Step.Height)
        .slice(3, layer.Crop.Left, layer.Crop.Left + ((inputs.Output.Width - 1) * layer.Step.Width) + 1, layer.Step.Width);

    public Tensor Visit(LogSoftmax layer, Inputs inputs) => inputs.First.to(ScalarType.Float32).log_softmax(1);

    public Tensor Visit(L2Normalization layer, Inputs inputs)
    {
        Tensor values = inputs.First.to(ScalarType.Float32);
        return values / linalg.vector_norm(values, dims: [1], keepdim: true).ClampTo(layer.Epsilon, float.MaxValue);
    }

    public Tensor Visit(LayerNorm2d layer, Inputs inputs) => Functions.layer_norm(
        inputs.First.to(ScalarType.Float32).permute(0, 2, 3, 1),
        [inputs.Output.Channels],
        pass.Parameter($"{layer.Name}.weight"),
        pass.Parameter($"{layer.Name}.bias"),
        layer.Epsilon).permute(0, 3, 1, 2);

    public Tensor Visit(PRelu layer, Inputs inputs) =>
        inputs.First.prelu(pass.Parameter($"{layer.Name}.weight").to(inputs.First.dtype));

    public Tensor Visit(ActivationLayer layer, Inputs inputs) => layer.Accept<Inputs, Tensor>(this, inputs);

    public Tensor Visit(Relu layer, Inputs inputs) => Functions.relu(inputs.First);

    public Tensor Visit(LeakyRelu layer, Inputs inputs) => inputs.First.LeakyRelu(layer.NegativeSlope);

    public Tensor Visit(Clip layer, Inputs inputs) => HardTanh(inputs.First, layer.Minimum, layer.Maximum);

    public Tensor Visit(HardSigmoid layer, Inputs inputs) => HardTanh(inputs.First.Times(layer.Alpha).Plus(layer.Beta), 0, 1);

    public Tensor Visit(HardSwish layer, Inputs inputs) => Functions.hardswish(inputs.First);

    public Tensor Visit(Sigmoid layer, Inputs inputs) => inputs.First.sigmoid();

    public Tensor Visit(Gelu layer, Inputs inputs) => Functions.gelu(inputs.First);

    public Tensor Visit(Power layer, Inputs inputs) =>
        inputs.First.to(ScalarType.Float32).RaisedTo(layer.Exponent);

    public Tensor Visit(Silu layer, Inputs inputs) => Functions.silu(inputs.First);

    private static Tensor Convolve(Conv2d layer, Tensor input, ForwardPass pass)
    {
        ScalarType type = pass.Device.ConvolutionType;
        bool symmetric = IsSymmetric(layer.Padding);
        return Functions.conv2d(
            ToConvolutionFormat(symmetric ? input : Pad(input, layer.Padding, 0), type, pass.Device),
            ToConvolutionFormat(pass.Parameter($"{layer.Name}.weight"), type, pass.Device),
            layer.HasBias ? pass.Parameter($"{layer.Name}.bias").to(type) : null,
            Longs(layer.Stride),
            symmetric ? [layer.Padding.Top, layer.Padding.Left] : [0, 0],
            Longs(layer.Dilation),
            layer.Groups);
    }

    /// <summary>
    /// PyTorch supports symmetric padding only. Asymmetric padding is cropped from the result; output padding beyond it is passed on.
    /// </summary>
    private static Tensor ConvolveTransposed(ConvTranspose2d layer, Tensor input, Shape output, ForwardPass pass)
    {
        (Padding2d padding, Size2d added) = (layer.Padding, layer.OutputPadding);
        ScalarType type = pass.Device.TransposedType;
        bool symmetric = IsSymmetric(padding);
        Tensor result = Functions.conv_transpose2d(
            ToConvolutionFormat(input, type, pass.Device),
            ToConvolutionFormat(pass.Parameter($"{layer.Name}.weight"), type, pass.Device),
            layer.HasBias ? pass.Parameter($"{layer.Name}.bias").to(type) : null,
            Longs(layer.Stride),
            symmetric ? [padding.Top, padding.Left] : [0, 0],
            symmetric ? Longs(added) : [Math.Max(0, added.Height - padding.Bottom), Math.Max(0, added.Width - padding.Right)],
            Longs(layer.Dilation),
            layer.Groups);
        return symmetric ? result : result.narrow(2, padding.Top, output.Height).narrow(3, padding.Left, output.Width);
    }

    /// <summary>Converts values to the type and memory format of convolutions, without a copy if they already have them.</summary>
    private static Tensor ToConvolutionFormat(Tensor values, ScalarType type, TorchDevice device)
    {
        Tensor typed = values.to(type);
        return device.ChannelsLast ? typed.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : typed;
    }

    /// <summary>
    /// Normalizes with the statistics of the batch, and updates the running statistics of the pass, only if the layer is trained.
    /// </summary>
    private static Tensor Normalize(BatchNorm2d layer, Tensor input, ForwardPass pass, int index) => Functions.batch_norm(
        input,
        pass.Parameter($"{layer.Name}.running_mean"),
        pass.Parameter($"{layer.Name}.running_var"),
        pass.Parameter($"{layer.Name}.weight"),
        pass.Parameter($"{layer.Name}.bias"),
        pass.Training?.IsTrained[index] == true,
        layer.Momentum,
        layer.Epsilon);

    private static Tensor MaxPool(MaxPool2d layer, Tensor input, Shape output)
    {
        bool native = IsNative(layer.Padding, layer.KernelSize);
        return Crop(
            Functions.max_pool2d(
                native ? input : Pad(input, layer.Padding, double.NegativeInfinity),
                Longs(layer.KernelSize),
                Longs(layer.EffectiveStride),
                native ? [layer.Padding.Top, layer.Padding.Left] : [0, 0],
                [1, 1],
                layer.CeilMode),
            output);
    }

    /// <summary>
    /// Padding that PyTorch does not support is added explicitly. If it does not count, the mean is divided by the fraction of each window
    /// that counts: the average pool of ones.
    /// </summary>
    private static Tensor AveragePool(AveragePool2d layer, Tensor input, Shape output)
    {
        if (IsNative(layer.Padding, layer.KernelSize))
        {
            return Average(input, [layer.Padding.Top, layer.Padding.Left], layer.CountIncludePadding);
        }

        Tensor mean = Average(Pad(input, layer.Padding, 0), [0, 0], includePadding: true);
        return layer.CountIncludePadding
            ? mean
            : mean / Average(Pad(ones_like(input[..1, ..1]), layer.Padding, 0), [0, 0], includePadding: true);

        Tensor Average(Tensor values, long[] padding, bool includePadding) => Crop(
            Functions.avg_pool2d(values, Longs(layer.KernelSize), Longs(layer.EffectiveStride), padding, layer.CeilMode, includePadding),
            output);
    }

    /// <summary>Drops the same values as the managed back end, so that both compute the same step.</summary>
    private static Tensor Drop(Dropout layer, Tensor input, Shape shape, ForwardPass pass, int index)
    {
        if (pass.Training is not { } training)
        {
            return input.alias();
        }

        int count = (int)input.shape[0];
        float[] factors = new float[(long)count * shape.Length];
        Array.Fill(factors, 1);
        Parallel.For(0, count, sample =>
        {
            Span<float> values = factors.AsSpan(checked(sample * shape.Length), shape.Length);
            DropoutMask.Apply(layer, index, training.Seed, training.Step, sample, values, values);
        });
        return input * pass.Device.Upload(factors, [count, shape.Height, shape.Width, shape.Channels]).permute(0, 3, 1, 2);
    }

    /// <summary>
    /// PyTorch's <c>hardtanh</c>: clamps to [minimum, maximum], with no gradient at the bounds. TorchSharp's <c>hardtanh</c> discards its
    /// result, and <c>clamp</c> has a gradient at the bounds.
    /// </summary>
    private static Tensor HardTanh(Tensor input, double minimum, double maximum) => is_grad_enabled()
        ? where(
            input.GreaterThan(minimum).logical_and(input.LessThan(maximum)),
            input,
            input.detach().ClampTo(minimum, maximum))
        : input.ClampTo(minimum, maximum);

    private static Tensor Pad(Tensor input, Padding2d padding, double value)
        => Functions.pad(input, [padding.Left, padding.Right, padding.Top, padding.Bottom], PaddingModes.Constant, value);

    /// <summary>
    /// Drops a last window that starts in the padding after the input, which PyTorch keeps if the padding is added explicitly.
    /// </summary>
    private static Tensor Crop(Tensor values, Shape output)
        => values.shape[2] == output.Height && values.shape[3] == output.Width
            ? values
            : values.narrow(2, 0, output.Height).narrow(3, 0, output.Width);

    /// <summary>Whether the padding is symmetric, as PyTorch's convolutions require.</summary>
    private static bool IsSymmetric(Padding2d padding) => padding.Top == padding.Bottom && padding.Left == padding.Right;

    /// <summary>Whether PyTorch's pooling supports the padding: symmetric and at most half a window.</summary>
    private static bool IsNative(Padding2d padding, Size2d kernel)
        => IsSymmetric(padding) && padding.Top <= kernel.Height / 2 && padding.Left <= kernel.Width / 2;

    private static long[] Longs(Size2d size) => [size.Height, size.Width];

    /// <summary>The inputs of a layer.</summary>
    /// <param name="All">All inputs, N x C x H x W.</param>
    /// <param name="Output">Shape of one sample of the output.</param>
    /// <param name="Index">The layer's index.</param>
    internal readonly record struct Inputs(Tensor[] All, Shape Output, int Index)
    {
        public Tensor First => All[0];
    }
}
