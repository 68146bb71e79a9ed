namespace SimNet.Compute;

/// <summary>The layers that a session computes, and the operators of those with parameters.</summary>
internal sealed class OperatorSet
{
    private readonly Network _network;
    private readonly bool[] _gradient;
    private readonly bool[] _frozen;

    /// <summary>Prepares the layers that the outputs depend on.</summary>
    public OperatorSet(
        Network network, KernelSet kernels, ParameterTable parameters, IReadOnlyList<int> outputs, bool training, bool[]? frozen = null)
    {
        _network = network;
        _gradient = new bool[network.Layers.Length];
        _frozen = frozen ?? new bool[network.Layers.Length];
        Needed = network.FindRequired(outputs);
        Convolutions = new ConvolutionOperator?[network.Layers.Length];
        Norms = new BatchNormOperator?[network.Layers.Length];
        ChannelParameters = new ChannelParameters?[network.Layers.Length];
        Fusion = new LayerFusion(network, Needed, outputs, training);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            if (Needed[i])
            {
                Prepare(i, kernels, parameters, training);
            }
        }

        foreach (ConvolutionOperator? convolution in Convolutions)
        {
            convolution?.Pack();
        }
    }

    /// <summary>For each layer, whether an output of the session depends on it.</summary>
    public bool[] Needed { get; }

    public LayerFusion Fusion { get; }

    public ConvolutionOperator?[] Convolutions { get; }

    public BatchNormOperator?[] Norms { get; }

    /// <summary>The parameters of layer norms and parametric ReLUs.</summary>
    public ChannelParameters?[] ChannelParameters { get; }

    /// <summary>Shape of a layer's output, or of the network's input for -1.</summary>
    public Shape ShapeOf(int layer) => layer < 0 ? _network.InputShape : _network.OutputShapes[layer];

    /// <summary>Whether training updates the parameters of a layer.</summary>
    public bool IsTrained(int layer) => Needed[layer] && !_frozen[layer] && _network.ParametersByLayer[layer].Length > 0;

    /// <summary>Whether the backward pass needs the gradient of a layer's output: the layer, or one it depends on, is trained.</summary>
    public bool NeedsGradient(int layer) => layer >= 0 && _gradient[layer];

    private void Prepare(int i, KernelSet kernels, ParameterTable parameters, bool training)
    {
        Layer layer = _network.Layers[i];
        int first = _network.Sources[i][0];
        Shape input = ShapeOf(first);
        Shape output = _network.OutputShapes[i];
        bool inputGradient = training && NeedsGradient(first);
        bool weightGradient = training && !_frozen[i];
        _gradient[i] = IsTrained(i);
        foreach (int source in _network.Sources[i])
        {
            _gradient[i] |= NeedsGradient(source);
        }

        switch (layer)
        {
            case Conv2d convolution:
                AddConvolution(
                    new ConvolutionKernel(kernels, convolution, input, output, Fusion.PixelStride(i), inputGradient, weightGradient));
                break;
            case ConvTranspose2d convolution:
                AddConvolution(
                    new ConvolutionKernel(kernels, convolution, input, output, Fusion.PixelStride(i), inputGradient, weightGradient));
                break;
            case BatchNorm2d norm:
                Norms[i] = new BatchNormOperator(norm, kernels.Channels, input, Fusion.PixelStride(i), Fusion.ActivationOf(i), parameters);
                break;
            case LayerNorm2d:
                ChannelParameters[i] = new ChannelParameters(parameters[$"{layer.Name}.weight"], parameters[$"{layer.Name}.bias"]);
                break;
            case PRelu:
                ChannelParameters[i] = new ChannelParameters(parameters[$"{layer.Name}.weight"], bias: null);
                break;
        }

        void AddConvolution(ConvolutionKernel kernel)
        {
            Convolutions[i] = new ConvolutionOperator(
                kernel, output, parameters[$"{layer.Name}.weight"], parameters.Find($"{layer.Name}.bias"));
        }
    }
}
