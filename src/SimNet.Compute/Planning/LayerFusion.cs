namespace SimNet.Compute;

/// <summary>
/// Which layers need no step of their own, because another does their work as it writes its output: activations, and
/// concatenations whose parts are written where they belong. Batch norms are folded before (<see cref="BatchNormFolding"/>).
/// </summary>
internal sealed class LayerFusion
{
    // With fewer channels than this the widest vectors are not filled, and an exponential value by value is dearer than a step of its own.
    private const int LeastChannelsForExponential = 16;

    private readonly Network _network;
    private readonly bool[] _needed;
    private readonly int[] _producers;
    private readonly int[] _consumers;
    private readonly Activation?[] _activations;
    private readonly (int Concat, int Channel)?[] _concatSlices;
    private readonly bool[] _writtenInPlace;

    /// <summary>Looks for them in the needed layers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="needed">The layers that are computed.</param>
    /// <param name="wanted">Layers whose values must be had as they are.</param>
    /// <param name="training">Whether there is a way back: then an activation's output must tell its gradient.</param>
    public LayerFusion(Network network, bool[] needed, IEnumerable<int> wanted, bool training)
    {
        int count = network.Layers.Length;
        _network = network;
        _needed = needed;
        _producers = [.. Enumerable.Range(0, count)];
        _consumers = new int[count];
        _activations = new Activation?[count];
        _concatSlices = new (int, int)?[count];
        _writtenInPlace = new bool[count];
        foreach (int source in Enumerable.Range(0, count).Where(i => needed[i]).SelectMany(i => network.Sources[i]).Concat(wanted))
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
                    Skip(i, source);
                    break;
                case Concat:
                    FuseConcat(i);
                    break;
                default:
                    if (Activation.Of(network.Layers[i]) is Activation activation && (activation.GradientFromOutput || !training))
                    {
                        FuseActivation(i, source, activation);
                    }

                    break;
            }
        }
    }

    /// <summary>Whether a layer has no step of its own.</summary>
    public bool IsFused(int layer) => _producers[layer] != layer;

    /// <summary>The layer (-1 for the input) whose step makes a layer's output.</summary>
    public int ProducerOf(int layer) => layer < 0 ? layer : _producers[layer];

    /// <summary>The layer (-1 for the input) whose step makes what a layer takes as its n-th input.</summary>
    public int SourceOf(int layer, int number) => ProducerOf(_network.Sources[layer][number]);

    /// <summary>The activation that a layer's step ends with; null for none.</summary>
    public Activation? ActivationOf(int layer) => layer < 0 ? null : _activations[layer];

    /// <summary>The concatenation in whose output a layer writes its own, and from which channel on.</summary>
    public (int Concat, int Channel)? ConcatSliceOf(int layer) => layer < 0 ? null : _concatSlices[layer];

    /// <summary>Whether a concatenation's parts are written to their places, so that nothing is left to do for it.</summary>
    public bool IsWrittenInPlace(int concat) => _writtenInPlace[concat];

    /// <summary>Values from one pixel of a layer's output to the next.</summary>
    public int PixelStride(int layer) => layer < 0 ? _network.InputShape.Channels : _network.OutputShapes[_concatSlices[layer]?.Concat ?? layer].Channels;

    /// <summary>Whether one layer only, or one wish for it, takes a layer's output.</summary>
    public bool HasSingleConsumer(int source) => source >= 0 && _consumers[source] == 1;

    /// <summary>
    /// An activation that only a max pooling takes from is done on the pooling's output, of which there is less: it keeps the order,
    /// so the largest value is the same, and so is where the gradient goes. Otherwise whoever computes its input does it.
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
            Skip(layer, source);
        }
        else if (HasSingleConsumer(source) && _activations[source] is null && _network.Layers[source] is Conv2d or ConvTranspose2d or BatchNorm2d or Add or Multiply)
        {
            _activations[source] = activation;
            Skip(layer, source);
        }
    }

    private bool SupportsExponential(int source)
    {
        if (source < 0 || _network.OutputShapes[source].Channels < LeastChannelsForExponential)
        {
            return false;
        }

        int before = _network.Sources[source][0];
        return ConvolutionKernel.SupportsExponential(_network.Layers[source], before < 0 ? _network.InputShape : _network.OutputShapes[before], _network.OutputShapes[source]);
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

    /// <summary>All parts or none, and with the same activation, so that the gradient of the whole is that of each part.</summary>
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

    private void Skip(int layer, int source)
    {
        _producers[layer] = source;
        if (source >= 0)
        {
            _consumers[source] += _consumers[layer] - 1;
        }
    }
}
