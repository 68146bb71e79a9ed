namespace SimNet.Compute;

/// <summary>
/// Finds the layers that need no step of their own because another step does their work as it writes its output: activations fused into
/// epilogues, and concatenations whose inputs are written in place. Batch norms are folded beforehand (<see cref="BatchNormFolding"/>).
/// </summary>
internal sealed class LayerFusion
{
    // With fewer channels, the widest vectors are not filled, and scalar exponentials cost more than a separate step.
    private const int MinChannelsForExponential = 16;

    private readonly Network _network;
    private readonly bool[] _needed;
    private readonly int[] _producers;
    private readonly int[] _consumers;
    private readonly Activation?[] _activations;
    private readonly (int Concat, int Channel)?[] _concatSlices;
    private readonly bool[] _writtenInPlace;

    /// <summary>Analyzes the required layers of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="needed">For each layer, whether it is computed.</param>
    /// <param name="outputs">The layers whose outputs the session returns.</param>
    /// <param name="training">Whether there is a backward pass, which requires the gradient of a fused activation from its output.</param>
    public LayerFusion(Network network, bool[] needed, IEnumerable<int> outputs, bool training)
    {
        int count = network.Layers.Length;
        _network = network;
        _needed = needed;
        _producers = [.. Enumerable.Range(0, count)];
        _consumers = new int[count];
        _activations = new Activation?[count];
        _concatSlices = new (int, int)?[count];
        _writtenInPlace = new bool[count];
        foreach (int source in Enumerable.Range(0, count).Where(i => needed[i]).SelectMany(i => network.Sources[i]).Concat(outputs))
        {
            if (source >= 0)
            {
                _consumers[source]++;
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (!needed[i])
            {
                continue;
            }

            int source = SourceOf(i, 0);
            switch (network.Layers[i])
            {
                case Dropout when !training:
                    Fuse(i, source);
                    break;
                case Concat:
                    FuseConcat(i);
                    break;
                default:
                    if (Activation.Of(network.Layers[i]) is Activation { IsStandalone: false } activation
                        && (activation.GradientFromOutput || !training))
                    {
                        FuseActivation(i, source, activation);
                    }

                    break;
            }
        }
    }

    /// <summary>Whether a layer is fused into another, so that it has no step of its own.</summary>
    public bool IsFused(int layer) => _producers[layer] != layer;

    /// <summary>The layer (-1 for the network's input) whose step produces a layer's output.</summary>
    public int ProducerOf(int layer) => layer < 0 ? layer : _producers[layer];

    /// <summary>The layer (-1 for the network's input) whose step produces a layer's n-th input.</summary>
    public int SourceOf(int layer, int number) => ProducerOf(_network.Sources[layer][number]);

    /// <summary>The activation fused into a layer's step; null for none.</summary>
    public Activation? ActivationOf(int layer) => layer < 0 ? null : _activations[layer];

    /// <summary>The concatenation whose output a layer writes into, and the first channel; null for none.</summary>
    public (int Concat, int Channel)? ConcatSliceOf(int layer) => layer < 0 ? null : _concatSlices[layer];

    /// <summary>Whether all inputs of a concatenation are written in place, so that it needs no step.</summary>
    public bool IsWrittenInPlace(int concat) => _writtenInPlace[concat];

    /// <summary>Distance between consecutive pixels of a layer's output, in values.</summary>
    public int PixelStride(int layer)
        => layer < 0 ? _network.InputShape.Channels : _network.OutputShapes[_concatSlices[layer]?.Concat ?? layer].Channels;

    /// <summary>Whether a layer's output has a single consumer: a layer or an output of the session.</summary>
    public bool HasSingleConsumer(int source) => source >= 0 && _consumers[source] == 1;

    /// <summary>
    /// Fuses an activation into the layer that produces its input. A monotonic activation whose only consumer is a max pooling layer is
    /// fused into the pooling instead, which has fewer outputs: the position of the maximum, and hence of its gradient, is the same.
    /// </summary>
    private void FuseActivation(int layer, int source, Activation activation)
    {
        if (activation.IsExponential && !SupportsExponential(source))
        {
            return;
        }

        int pool = activation.IsMonotonic && !activation.IsExponential && _consumers[layer] == 1 ? PoolAfter(layer) : -1;
        if (pool >= 0)
        {
            _activations[pool] = activation;
            Fuse(layer, source);
        }
        else if (HasSingleConsumer(source) && _activations[source] is null
            && _network.Layers[source] is Conv2d or ConvTranspose2d or BatchNorm2d or Add or Multiply)
        {
            _activations[source] = activation;
            Fuse(layer, source);
        }
    }

    private bool SupportsExponential(int source)
    {
        if (source < 0 || _network.OutputShapes[source].Channels < MinChannelsForExponential)
        {
            return false;
        }

        int before = _network.Sources[source][0];
        Shape input = before < 0 ? _network.InputShape : _network.OutputShapes[before];
        return ConvolutionKernel.SupportsExponential(_network.Layers[source], input, _network.OutputShapes[source]);
    }

    private int PoolAfter(int layer)
    {
        for (int i = layer + 1; i < _needed.Length; i++)
        {
            if (_needed[i] && _network.Layers[i] is MaxPool2d && _network.Sources[i][0] == layer)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// Lets the inputs of a concatenation be written in place: all of them or none, and only with the same fused activation, so that one
    /// step applies its gradient to the whole.
    /// </summary>
    private void FuseConcat(int concat)
    {
        int[] sources = [.. Enumerable.Range(0, _network.Sources[concat].Length).Select(number => SourceOf(concat, number))];
        if (sources.All(source => HasSingleConsumer(source) && _network.Layers[source] is Conv2d or ConvTranspose2d or BatchNorm2d)
            && sources.All(source => _activations[source] == _activations[sources[0]]))
        {
            int channel = 0;
            foreach (int source in sources)
            {
                _concatSlices[source] = (concat, channel);
                channel += _network.OutputShapes[source].Channels;
            }

            _activations[concat] = _activations[sources[0]];
            _writtenInPlace[concat] = true;
        }
    }

    private void Fuse(int layer, int source)
    {
        _producers[layer] = source;
        if (source >= 0)
        {
            _consumers[source] += _consumers[layer] - 1;
        }
    }
}
