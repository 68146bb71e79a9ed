namespace SimNet.Compute;

/// <summary>What a session knows of a network's layers: which it needs, and the operators of those with parameters.</summary>
internal sealed class OperatorSet
{
    private readonly Network _network;
    private readonly bool[] _gradient;
    private readonly bool[] _frozen;

    /// <summary>Plans the layers that the wanted ones need.</summary>
    public OperatorSet(Network network, KernelSet kernels, ParameterTable parameters, IReadOnlyList<int> wanted, bool training, bool[]? frozen = null)
    {
        _network = network;
        _gradient = new bool[network.Layers.Length];
        _frozen = frozen ?? new bool[network.Layers.Length];
        Needed = network.FindRequired(wanted);
        Convolutions = new ConvolutionOperator?[network.Layers.Length];
        Norms = new BatchNormOperator?[network.Layers.Length];
        Fusion = new LayerFusion(network, Needed, wanted, training);
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

    /// <summary>Whether a wanted layer takes from this one, or is it.</summary>
    public bool[] Needed { get; }

    public LayerFusion Fusion { get; }

    public ConvolutionOperator?[] Convolutions { get; }

    public BatchNormOperator?[] Norms { get; }

    /// <summary>Shape of a layer's output; of the network's input for -1.</summary>
    public Shape ShapeOf(int layer) => layer < 0 ? _network.InputShape : _network.OutputShapes[layer];

    /// <summary>Whether a step changes this layer's parameters.</summary>
    public bool IsTrained(int layer) => Needed[layer] && !_frozen[layer] && _network.ParametersByLayer[layer].Length > 0;

    /// <summary>Whether something that isTrained stands at or before this layer.</summary>
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
                AddConvolution(new ConvolutionKernel(kernels, convolution, input, output, Fusion.PixelStride(i), inputGradient, weightGradient));
                break;
            case ConvTranspose2d convolution:
                AddConvolution(new ConvolutionKernel(kernels, convolution, input, output, Fusion.PixelStride(i), inputGradient, weightGradient));
                break;
            case BatchNorm2d norm:
                Norms[i] = new BatchNormOperator(norm, kernels.Channels, input, Fusion.PixelStride(i), Fusion.ActivationOf(i), parameters);
                break;
        }

        void AddConvolution(ConvolutionKernel kernel)
        {
            Convolutions[i] = new ConvolutionOperator(kernel, output, parameters[$"{layer.Name}.weight"], parameters.Find($"{layer.Name}.bias"));
        }
    }
}
