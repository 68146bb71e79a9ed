namespace SimNet.Compute;

/// <summary>
/// A <see cref="Conv2d"/> or <see cref="ConvTranspose2d"/> at a fixed input shape: the forward pass, the gradient of the input and the
/// gradients of the parameters, one channels-last sample at a time. Each layer is the adjoint of the other: the input gradient of
/// one is the forward pass of the other with the same weights. Chooses the algorithm: Winograd, depthwise, GEMM followed by col2im, or
/// implicit GEMM.
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

    /// <summary>Prepares a convolution.</summary>
    /// <param name="kernels">The kernels of one vector width.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of the input.</param>
    /// <param name="output">Shape of the output.</param>
    /// <param name="outputStride">Distance between consecutive pixels of the output and of its gradient, in values.</param>
    /// <param name="inputGradient">Whether the backward pass computes the gradient of the input.</param>
    /// <param name="weightGradient">Whether the backward pass computes the gradients of the parameters.</param>
    public ConvolutionKernel(
        KernelSet kernels, Conv2d layer, Shape input, Shape output, int outputStride, bool inputGradient, bool weightGradient)
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
            _depthwiseWeights = !weightGradient ? null
                : new DepthwiseWeightGradient(kernels.Depthwise, input, output, window, input.Channels, outputStride);
            WorkspaceLength = LargestWorkspace();
            return;
        }

        // With few filters, the windows slide over the output gradient instead, and the input channels fill the columns of the GEMM.
        bool flipped = window is { Groups: 1 } && window.Stride == 1 && window.Dilation == 1
            && layer.OutChannels <= 8 && input.Channels > layer.OutChannels
            && layer.Padding.Top < window.KernelSize.Height && layer.Padding.Left < window.KernelSize.Width;
        _inputWindowed = !flipped;
        _backwardWeights = !weightGradient ? null
            : flipped ? new GemmWeightGradient(
                kernels.Gemm, output, input, Flip(window), perOutput, perInput, flipped: true, outputStride, input.Channels)
            : new GemmWeightGradient(
                kernels.Gemm, input, output, window, perInput, perOutput, flipped: false, input.Channels, outputStride);
        if (WinogradConvolution.IsSuitable(window, input, output))
        {
            _winograd = new WinogradConvolution(
                kernels, input, output, layer.Padding.Top, outputStride, inputGradient, weightGradient, _backwardWeights?.SumColumns ?? 0);
        }
        else
        {
            // A pointwise convolution treats the image as a single column of pixels, which can be split anywhere.
            Shape from = window.IsPointwise ? Column(input) : input;
            Shape to = window.IsPointwise ? Column(output) : output;
            if (Col2ImConvolution.IsSuitable(window, input, output))
            {
                _col2Im = new Col2ImConvolution(
                    kernels.Gemm, input, output, window.KernelSize.Height, layer.Padding.Top, outputStride);
            }
            else
            {
                _forward = new GemmConvolution(
                    kernels.Gemm,
                    from,
                    to,
                    window.Map(to, transposed: false),
                    window,
                    channelStride: perInput,
                    filterStride: perOutput,
                    input.Channels,
                    outputStride);
            }

            _backwardInput = !inputGradient ? null : new GemmConvolution(
                kernels.Gemm,
                to,
                from,
                window.Map(from, transposed: true),
                window,
                channelStride: perOutput,
                filterStride: perInput,
                outputStride,
                input.Channels);
        }

        WorkspaceLength = LargestWorkspace();
    }

    /// <summary>Prepares a transposed convolution; the parameters are those of the other constructor.</summary>
    public ConvolutionKernel(
        KernelSet kernels, ConvTranspose2d layer, Shape input, Shape output, int outputStride, bool inputGradient, bool weightGradient)
        : this(kernels, input, output, outputStride)
    {
        var window = new ConvolutionWindow(layer);
        int perOutput = window.KernelSize.Area;
        int perInput = checked(perOutput * (output.Channels / window.Groups));
        if (DepthwiseConvolution.IsSuitable(window, input, output))
        {
            _depthwise = Depthwise(window, forward: true, transposed: true);
            _depthwiseBackward = inputGradient ? Depthwise(window, forward: false, transposed: false) : null;
            _depthwiseWeights = !weightGradient ? null
                : new DepthwiseWeightGradient(kernels.Depthwise, output, input, window, outputStride, input.Channels);
        }
        else
        {
            _forward = new GemmConvolution(
                kernels.Gemm,
                input,
                output,
                window.Map(output, transposed: true),
                window,
                channelStride: perInput,
                filterStride: perOutput,
                input.Channels,
                outputStride);
            _backwardInput = !inputGradient ? null : new GemmConvolution(
                kernels.Gemm,
                output,
                input,
                window.Map(input, transposed: false),
                window,
                channelStride: perOutput,
                filterStride: perInput,
                outputStride,
                input.Channels);
            _backwardWeights = !weightGradient ? null : new GemmWeightGradient(
                kernels.Gemm, output, input, window, perOutput, perInput, flipped: false, outputStride, input.Channels);
        }

        WorkspaceLength = LargestWorkspace();
    }

    /// <summary>
    /// Whether the kernel of a layer can fuse an exponential activation: implicit GEMM and depthwise kernels can, Winograd and col2im
    /// kernels cannot.
    /// </summary>
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

    /// <summary>Number of workspace values that each call needs.</summary>
    public int WorkspaceLength { get; }

    /// <summary>Number of independent units of work of <see cref="Forward"/>.</summary>
    public int Units => _winograd?.Units ?? _depthwise?.Units ?? _forward?.Units ?? 1;

    /// <summary>Number of values of a weight gradient accumulator; that of the bias has one value for each channel.</summary>
    public int WeightSumLength => _depthwiseWeights?.SumLength ?? _backwardWeights!.SumLength;

    /// <summary>Packs the parameters, given in PyTorch's order. Must be called again whenever they change.</summary>
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

    /// <summary>Computes one unit of the output of one sample.</summary>
    /// <param name="unit">Index of the unit.</param>
    /// <param name="input">The input.</param>
    /// <param name="output">The output.</param>
    /// <param name="epilogue">The operations to apply to each value before it is written.</param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    /// <param name="prepared">What the workspace holds from the previous unit of the same sample; negative for nothing.</param>
    public void Forward(int unit, float* input, float* output, in Epilogue epilogue, float* workspace, ref int prepared)
    {
        _forward?.Run(unit, input, output, _bias.Pointer, epilogue, workspace);
        _col2Im?.Run(input, output, _bias.Pointer, epilogue, workspace);
        _depthwise?.Run(unit, input, output, _bias.Pointer, epilogue);
        _winograd?.Forward(unit, input, output, _bias.Pointer, epilogue, workspace, ref prepared);
    }

    /// <summary>Computes the gradients of one sample.</summary>
    /// <param name="input">The input.</param>
    /// <param name="outputGradient">The gradient of the output.</param>
    /// <param name="inputGradient">Receives the gradient of the input; null to skip it.</param>
    /// <param name="accumulate">Whether to add to <paramref name="inputGradient"/> instead of overwriting it.</param>
    /// <param name="inputActivation">The fused activation that produced the input, whose gradient to apply as well; null for none.</param>
    /// <param name="weightSum">
    /// The weight gradient is added to these <see cref="WeightSumLength"/> values, in the order of the GEMM's output; null to skip it.
    /// </param>
    /// <param name="biasSum">The bias gradient is added to these values; null to skip it.</param>
    /// <param name="workspace"><see cref="WorkspaceLength"/> values.</param>
    public void Backward(
        float* input,
        float* outputGradient,
        float* inputGradient,
        bool accumulate,
        Activation? inputActivation,
        float* weightSum,
        float* biasSum,
        float* workspace)
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

    /// <summary>Sums <paramref name="count"/> weight gradient accumulators, in order, into a gradient in PyTorch's order.</summary>
    public void ReduceWeights(float* weightSums, int count, float* weightGradient)
    {
        _backwardWeights?.Reduce(weightSums, count, weightGradient);
        _depthwiseWeights?.Reduce(weightSums, count, weightGradient);
    }

    private static Shape Column(Shape shape) => new(shape.Channels, shape.Height * shape.Width, 1);

    /// <summary>The window of the adjoint of a convolution with stride 1, which slides over the output.</summary>
    private static ConvolutionWindow Flip(ConvolutionWindow window) => window with
    {
        Padding = new Padding2d(window.KernelSize.Height - 1 - window.Padding.Top, window.KernelSize.Width - 1 - window.Padding.Left, 0, 0),
    };

    /// <summary>A depthwise convolution from the input to the output, or from the output gradient to the input gradient.</summary>
    private DepthwiseConvolution Depthwise(ConvolutionWindow window, bool forward, bool transposed) => forward
        ? new(_kernels.Depthwise, _input, _output, window.Map(_output, transposed), window.KernelSize, _input.Channels, _outputStride)
        : new(_kernels.Depthwise, _output, _input, window.Map(_input, transposed), window.KernelSize, _outputStride, _input.Channels);

    private int LargestWorkspace()
    {
        int forward = Math.Max(Math.Max(_forward?.WorkspaceLength ?? 0, _col2Im?.WorkspaceLength ?? 0), _winograd?.WorkspaceLength ?? 0);
        int weights = _winograd is null ? _backwardWeights?.WorkspaceLength ?? _depthwiseWeights?.WorkspaceLength ?? 0 : 0;
        return Math.Max(forward, Math.Max(_backwardInput?.WorkspaceLength ?? 0, weights));
    }
}
