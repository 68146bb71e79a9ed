namespace SimNet.Compute;

/// <summary>
/// One <see cref="Conv2d"/> or <see cref="ConvTranspose2d"/> at one input shape: forward, the gradient of its input and the
/// gradients of its parameters, one channels-last sample at a time. The two layers are each other's mirror: the input gradient of
/// either is the other's forward with the same weights.
/// </summary>
internal sealed unsafe class ConvolutionKernel
{
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly int _outputStride;
    private readonly KernelSet _kernels;
    private readonly GemmConvolution? _forward;
    private readonly Col2ImConvolution? _col2Im;
    private readonly WinogradConvolution? _winograd;
    private readonly DepthwiseConvolution? _depthwise;
    private readonly GemmConvolution? _backwardInput;
    private readonly DepthwiseConvolution? _depthwiseBackward;
    private readonly GemmWeightGradient? _backwardWeights;
    private readonly DepthwiseWeightGradient? _depthwiseWeights;
    private readonly bool _inputWindowed;
    private readonly PinnedBuffer<float> _bias;

    /// <summary>Plans a convolution.</summary>
    /// <param name="kernels">The products and sums of one vector width.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    /// <param name="outputStride">Values from one pixel of the output, and of its gradient, to the next.</param>
    /// <param name="inputGradient">Whether the input's gradient will be asked for.</param>
    /// <param name="weightGradient">Whether the parameters' gradients will be asked for.</param>
    public ConvolutionKernel(KernelSet kernels, Conv2d layer, Shape input, Shape output, int outputStride, bool inputGradient, bool weightGradient)
        : this(kernels, input, output, outputStride)
    {
        var window = new ConvolutionWindow(layer);
        int perInput = window.KernelSize.Area;
        int perOutput = checked(perInput * (input.Channels / window.Groups));
        if (DepthwiseConvolution.IsSuitable(window, input, output))
        {
            _inputWindowed = true;
            _depthwise = Depthwise(window, forward: true, transposed: false);
            _depthwiseBackward = inputGradient ? Depthwise(window, forward: false, transposed: true) : null;
            _depthwiseWeights = weightGradient ? new DepthwiseWeightGradient(kernels.Depthwise, input, output, window, input.Channels, outputStride) : null;
            WorkspaceLength = LargestWorkspace();
            return;
        }

        // With few filters, windows over the output's gradient fill the product's columns with the input's channels instead.
        bool flipped = window is { Groups: 1 } && window.Stride == 1 && window.Dilation == 1 && layer.OutChannels <= 8 && input.Channels > layer.OutChannels
            && layer.Padding.Top < window.KernelSize.Height && layer.Padding.Left < window.KernelSize.Width;
        _inputWindowed = !flipped;
        _backwardWeights = !weightGradient ? null
            : flipped ? new GemmWeightGradient(kernels.Gemm, output, input, Flip(window), perOutput, perInput, flipped: true, outputStride, input.Channels)
            : new GemmWeightGradient(kernels.Gemm, input, output, window, perInput, perOutput, flipped: false, input.Channels, outputStride);
        if (WinogradConvolution.IsSuitable(window, input, output))
        {
            _winograd = new WinogradConvolution(
                kernels, input, output, layer.Padding.Top, outputStride, inputGradient, weightGradient, _backwardWeights?.SumColumns ?? 0);
        }
        else
        {
            // Without windows a picture is one column of pixels, to be cut anywhere.
            Shape from = window.IsPointwise ? Column(input) : input;
            Shape to = window.IsPointwise ? Column(output) : output;
            if (Col2ImConvolution.IsSuitable(window, input, output))
            {
                _col2Im = new Col2ImConvolution(kernels.Gemm, input, output, window.KernelSize.Height, layer.Padding.Top, outputStride);
            }
            else
            {
                _forward = new GemmConvolution(
                    kernels.Gemm, from, to, window.Map(to, transposed: false), window, channelStride: perInput, filterStride: perOutput, input.Channels, outputStride);
            }

            _backwardInput = !inputGradient ? null : new GemmConvolution(
                kernels.Gemm, to, from, window.Map(from, transposed: true), window, channelStride: perOutput, filterStride: perInput, outputStride, input.Channels);
        }

        WorkspaceLength = LargestWorkspace();
    }

    /// <summary>Plans a transposed convolution; the parameters are as for the other.</summary>
    public ConvolutionKernel(KernelSet kernels, ConvTranspose2d layer, Shape input, Shape output, int outputStride, bool inputGradient, bool weightGradient)
        : this(kernels, input, output, outputStride)
    {
        var window = new ConvolutionWindow(layer);
        int perOutput = window.KernelSize.Area;
        int perInput = checked(perOutput * (output.Channels / window.Groups));
        if (DepthwiseConvolution.IsSuitable(window, input, output))
        {
            _depthwise = Depthwise(window, forward: true, transposed: true);
            _depthwiseBackward = inputGradient ? Depthwise(window, forward: false, transposed: false) : null;
            _depthwiseWeights = weightGradient ? new DepthwiseWeightGradient(kernels.Depthwise, output, input, window, outputStride, input.Channels) : null;
        }
        else
        {
            _forward = new GemmConvolution(
                kernels.Gemm, input, output, window.Map(output, transposed: true), window, channelStride: perInput, filterStride: perOutput, input.Channels, outputStride);
            _backwardInput = !inputGradient ? null : new GemmConvolution(
                kernels.Gemm, output, input, window.Map(input, transposed: false), window, channelStride: perOutput, filterStride: perInput, outputStride, input.Channels);
            _backwardWeights = !weightGradient ? null : new GemmWeightGradient(
                kernels.Gemm, output, input, window, perOutput, perInput, flipped: false, outputStride, input.Channels);
        }

        WorkspaceLength = LargestWorkspace();
    }

    /// <summary>Whether a layer's kernel can end with an exponential activation: products and depthwise sums can, Winograd's and tapwise sums cannot.</summary>
    public static bool SupportsExponential(Layer layer, Shape input, Shape output) => layer switch
    {
        Conv2d convolution => new ConvolutionWindow(convolution) is ConvolutionWindow window
            && !WinogradConvolution.IsSuitable(window, input, output) && !Col2ImConvolution.IsSuitable(window, input, output),
        ConvTranspose2d => true,
        _ => false,
    };

    private ConvolutionKernel(KernelSet kernels, Shape input, Shape output, int outputStride)
    {
        _kernels = kernels;
        _input = input;
        _output = output;
        _outputStride = outputStride;
        _bias = new PinnedBuffer<float>(GemmKernel.PaddedColumns(output.Channels));
    }

    /// <summary>Values of workspace that each call needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of parts of <see cref="Forward"/>.</summary>
    public int Units => _winograd?.Units ?? _depthwise?.Units ?? _forward?.Units ?? 1;

    /// <summary>Values of a sum of weight gradients; the bias' sum has one for each channel.</summary>
    public int WeightSumLength => _depthwiseWeights?.SumLength ?? _backwardWeights!.SumLength;

    /// <summary>Takes over the parameters, in PyTorch's order; to be called again whenever they have changed.</summary>
    public void Pack(float* weights, float* bias)
    {
        _forward?.Pack(weights);
        _col2Im?.Pack(weights);
        _winograd?.Pack(weights);
        _depthwise?.Pack(weights);
        _backwardInput?.Pack(weights);
        _depthwiseBackward?.Pack(weights);
        new ReadOnlySpan<float>(bias, _output.Channels).CopyTo(_bias.Span);
    }

    /// <summary>One part of the output of one sample.</summary>
    /// <param name="unit">Number of the part.</param>
    /// <param name="input">The input.</param>
    /// <param name="output">The output.</param>
    /// <param name="epilogue">What is done with a value before it is written.</param>
    /// <param name="workspace">Workspace.</param>
    /// <param name="prepared">What the workspace holds from the last part of the same sample; negative for nothing.</param>
    public void Forward(int unit, float* input, float* output, in Epilogue epilogue, float* workspace, ref int prepared)
    {
        _forward?.Run(unit, input, output, _bias.Pointer, epilogue, workspace);
        _col2Im?.Run(input, output, _bias.Pointer, epilogue, workspace);
        _depthwise?.Run(unit, input, output, _bias.Pointer, epilogue);
        _winograd?.Forward(unit, input, output, _bias.Pointer, epilogue, workspace, ref prepared);
    }

    /// <summary>One sample's gradients.</summary>
    /// <param name="input">The sample's input.</param>
    /// <param name="outputGradient">The gradient of its output.</param>
    /// <param name="inputGradient">Gets the gradient of its input; null where that is not wanted.</param>
    /// <param name="accumulate">Adds to the input's gradient instead of writing over it.</param>
    /// <param name="inputActivation">The activation that made the input, if the gradient is to go through that too.</param>
    /// <param name="weightSum">The weights' gradient is added to these <see cref="WeightSumLength"/> values, in the product's own order; or null.</param>
    /// <param name="biasSum">The bias' gradient is added to these; or null.</param>
    /// <param name="workspace">Workspace.</param>
    public void Backward(
        float* input, float* outputGradient, float* inputGradient, bool accumulate, Activation? inputActivation, float* weightSum, float* biasSum, float* workspace)
    {
        if (_winograd is not null)
        {
            if (inputGradient != null && !accumulate)
            {
                new Span<float>(inputGradient, _input.Length).Clear();
            }

            _winograd.Backward(input, outputGradient, inputGradient, weightSum, workspace);
            if (inputGradient != null && inputActivation is Activation activation)
            {
                _kernels.Elements.ActivationBackward(activation, input, inputGradient, inputGradient, _input.Length);
            }
        }
        else
        {
            if (weightSum != null)
            {
                float* windowed = _inputWindowed ? input : outputGradient;
                float* plain = _inputWindowed ? outputGradient : input;
                _backwardWeights?.Add(windowed, plain, weightSum, workspace);
                _depthwiseWeights?.Add(windowed, plain, weightSum, workspace);
            }

            if (inputGradient != null)
            {
                var epilogue = new Epilogue { Accumulate = accumulate };
                if (inputActivation is Activation activation)
                {
                    epilogue = epilogue.Gradient(activation, input, inputGradient);
                }

                for (int unit = 0; unit < (_backwardInput?.Units ?? _depthwiseBackward!.Units); unit++)
                {
                    _backwardInput?.Run(unit, outputGradient, inputGradient, null, epilogue, workspace);
                    _depthwiseBackward?.Run(unit, outputGradient, inputGradient, null, epilogue);
                }
            }
        }

        if (biasSum != null)
        {
            _kernels.Channels.AddSums(outputGradient, _output.Height * _output.Width, _output.Channels, _outputStride, biasSum);
        }
    }

    /// <summary>Adds up <paramref name="count"/> weight sums, in their order, into a gradient in PyTorch's order.</summary>
    public void ReduceWeights(float* weightSums, int count, float* weightGradient)
    {
        _backwardWeights?.Reduce(weightSums, count, weightGradient);
        _depthwiseWeights?.Reduce(weightSums, count, weightGradient);
    }

    private static Shape Column(Shape shape) => new(shape.Channels, shape.Height * shape.Width, 1);

    /// <summary>The window that a convolution of stride 1 has from the output's side.</summary>
    private static ConvolutionWindow Flip(ConvolutionWindow window) => window with
    {
        Padding = new Padding2d(window.KernelSize.Height - 1 - window.Padding.Top, window.KernelSize.Width - 1 - window.Padding.Left, 0, 0),
    };

    /// <summary>From input to output, or from the output's gradient to the input's.</summary>
    private DepthwiseConvolution Depthwise(ConvolutionWindow window, bool forward, bool transposed) => forward
        ? new(_kernels.Depthwise, _input, _output, window.Map(_output, transposed), window.KernelSize, _input.Channels, _outputStride)
        : new(_kernels.Depthwise, _output, _input, window.Map(_input, transposed), window.KernelSize, _outputStride, _input.Channels);

    private int LargestWorkspace()
    {
        int forward = Math.Max(Math.Max(_forward?.WorkspaceLength ?? 0, _col2Im?.WorkspaceLength ?? 0), _winograd?.WorkspaceLength ?? 0);
        return Math.Max(forward, Math.Max(_backwardInput?.WorkspaceLength ?? 0, _winograd is null ? _backwardWeights?.WorkspaceLength ?? _depthwiseWeights?.WorkspaceLength ?? 0 : 0));
    }
}
