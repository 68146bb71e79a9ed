namespace SimNet.Models;

/// <summary>
/// One <see cref="Conv2d"/> or <see cref="ConvTranspose2d"/> at one input shape: forward, the gradient of its input and the
/// gradients of its parameters, one channels-last sample at a time. The two layers are each other's mirror: the input gradient of
/// either is the other's forward with the same weights.
/// </summary>
internal sealed unsafe class ConvolutionKernel
{
    private readonly Shape _output;
    private readonly ChannelKernel _channels;
    private readonly Correlation? _forward;
    private readonly TapsFirstConvolution? _tapsFirst;
    private readonly Correlation? _backwardInput;
    private readonly WeightGradient? _backwardWeights;
    private readonly bool _inputWindowed;
    private readonly PinnedBuffer<float> _bias;

    private ConvolutionKernel(
        KernelSet kernels, Shape output, Correlation? forward, TapsFirstConvolution? tapsFirst, Correlation? backwardInput, WeightGradient? backwardWeights, bool inputWindowed)
    {
        _output = output;
        _channels = kernels.Channels;
        _forward = forward;
        _tapsFirst = tapsFirst;
        _backwardInput = backwardInput;
        _backwardWeights = backwardWeights;
        _inputWindowed = inputWindowed;
        _bias = new PinnedBuffer<float>((output.Channels + GemmKernel.PanelColumns - 1) / GemmKernel.PanelColumns * GemmKernel.PanelColumns);
        ScratchLength = Math.Max(
            Math.Max(forward?.ScratchLength ?? 0, tapsFirst?.ScratchLength ?? 0),
            Math.Max(backwardInput?.ScratchLength ?? 0, backwardWeights?.ScratchLength ?? 0));
    }

    /// <summary>Values of scratch that each call needs.</summary>
    public int ScratchLength { get; }

    /// <summary>Values of a sum of weight gradients; the bias' sum has one for each channel.</summary>
    public int WeightSumLength => _backwardWeights!.SumLength;

    /// <summary>Plans a convolution.</summary>
    /// <param name="kernels">The products and sums of one vector width.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    /// <param name="inputGradient">Whether <see cref="BackwardInput"/> will be called.</param>
    /// <param name="weightGradient">Whether <see cref="BackwardWeights"/> will be called.</param>
    public static ConvolutionKernel Create(KernelSet kernels, Conv2d layer, Shape input, Shape output, bool inputGradient, bool weightGradient)
    {
        int kernel = layer.KernelSize;
        int perInput = kernel * kernel;
        int perOutput = checked(perInput * input.Channels);
        bool tapsFirst = TapsFirstConvolution.Suits(layer, input);

        // With few filters, windows over the output's gradient fill the product's columns with the input's channels instead.
        bool flipped = layer.Stride == 1 && layer.OutChannels <= 8 && input.Channels > layer.OutChannels && layer.Padding < kernel;
        return new ConvolutionKernel(
            kernels,
            output,
            tapsFirst ? null : new Correlation(
                kernels.Gemm, input, output, Axis(output.Height), Axis(output.Width), kernel, channelStride: perInput, filterStride: perOutput),
            tapsFirst ? new TapsFirstConvolution(kernels.Gemm, input, output, kernel, layer.Padding) : null,
            !inputGradient ? null : new Correlation(
                kernels.Gemm, output, input, Mirror(input.Height), Mirror(input.Width), kernel, channelStride: perOutput, filterStride: perInput),
            !weightGradient ? null
                : flipped ? new WeightGradient(kernels.Gemm, output, input, kernel, 1, kernel - 1 - layer.Padding, perOutput, perInput, flipped: true)
                : new WeightGradient(kernels.Gemm, input, output, kernel, layer.Stride, layer.Padding, perInput, perOutput, flipped: false),
            inputWindowed: !flipped);

        AxisMap Axis(int length) => AxisMap.Convolution(length, kernel, layer.Stride, layer.Padding);
        AxisMap Mirror(int length) => AxisMap.Transposed(length, kernel, layer.Stride, layer.Padding);
    }

    /// <summary>Plans a transposed convolution; the parameters are as for the other.</summary>
    public static ConvolutionKernel Create(KernelSet kernels, ConvTranspose2d layer, Shape input, Shape output, bool inputGradient, bool weightGradient)
    {
        int kernel = layer.KernelSize;
        int perOutput = kernel * kernel;
        int perInput = checked(perOutput * output.Channels);
        return new ConvolutionKernel(
            kernels,
            output,
            new Correlation(
                kernels.Gemm, input, output, Axis(output.Height), Axis(output.Width), kernel, channelStride: perInput, filterStride: perOutput),
            null,
            !inputGradient ? null : new Correlation(
                kernels.Gemm, output, input, Mirror(input.Height), Mirror(input.Width), kernel, channelStride: perOutput, filterStride: perInput),
            !weightGradient ? null : new WeightGradient(
                kernels.Gemm, output, input, kernel, layer.Stride, layer.Padding, perOutput, perInput, flipped: false),
            inputWindowed: false);

        AxisMap Axis(int length) => AxisMap.Transposed(length, kernel, layer.Stride, layer.Padding);
        AxisMap Mirror(int length) => AxisMap.Convolution(length, kernel, layer.Stride, layer.Padding);
    }

    /// <summary>Takes over the parameters, in PyTorch's order; to be called again whenever they have changed.</summary>
    public void Pack(float* weights, float* bias)
    {
        _forward?.Pack(weights);
        _tapsFirst?.Pack(weights);
        _backwardInput?.Pack(weights);
        new ReadOnlySpan<float>(bias, _output.Channels).CopyTo(_bias.Span);
    }

    /// <summary>The output of one sample.</summary>
    public void Forward(float* input, float* output, float* scratch)
    {
        _forward?.Run(input, output, _bias.Pointer, scratch);
        _tapsFirst?.Run(input, output, _bias.Pointer, scratch);
    }

    /// <summary>The gradient of one sample's input.</summary>
    public void BackwardInput(float* outputGradient, float* inputGradient, float* scratch)
        => _backwardInput!.Run(outputGradient, inputGradient, null, scratch);

    /// <summary>Adds one sample's parameter gradients to sums.</summary>
    /// <param name="input">The sample's input.</param>
    /// <param name="outputGradient">The gradient of its output.</param>
    /// <param name="weightSum"><see cref="WeightSumLength"/> values, in the product's own order.</param>
    /// <param name="biasSum">One value for each channel.</param>
    /// <param name="scratch">Scratch.</param>
    public void BackwardWeights(float* input, float* outputGradient, float* weightSum, float* biasSum, float* scratch)
    {
        if (_inputWindowed)
        {
            _backwardWeights!.Add(input, outputGradient, weightSum, scratch);
        }
        else
        {
            _backwardWeights!.Add(outputGradient, input, weightSum, scratch);
        }

        _channels.AddSums(outputGradient, _output.Height * _output.Width, _output.Channels, biasSum);
    }

    /// <summary>Adds up <paramref name="count"/> weight sums, in their order, into a gradient in PyTorch's order.</summary>
    public void ReduceWeights(float* weightSums, int count, float* weightGradient)
        => _backwardWeights!.Reduce(weightSums, count, weightGradient);
}
