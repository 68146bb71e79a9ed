namespace SimNet.Models;

/// <summary>Writes a network's forward pass as steps; <see cref="TrainingPlan"/> adds the loss and the way back.</summary>
internal unsafe class PlanBuilder
{
    private readonly int[] _consumers;
    private readonly int[] _instead;
    private readonly bool[] _keepsOutput;
    private readonly SampleBuffer[] _values;
    private readonly bool _training;

    /// <summary>Prepares a plan of what <paramref name="operators"/> needs.</summary>
    /// <param name="network">The network.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="operators">The layers' operators.</param>
    /// <param name="wanted">Layers whose values must stay as they are.</param>
    /// <param name="training">Batch norm by the batch's statistics, and everything kept for the way back.</param>
    protected PlanBuilder(Network network, KernelSet kernels, OperatorSet operators, IEnumerable<int> wanted, bool training)
    {
        Network = network;
        Kernels = kernels;
        Operators = operators;
        _training = training;
        _consumers = new int[network.Layers.Length];
        _instead = new int[network.Layers.Length];
        _keepsOutput = new bool[network.Layers.Length];
        _values = new SampleBuffer[network.Layers.Length + 1];
        foreach (int layer in wanted)
        {
            _consumers[layer]++;
        }

        for (int i = 0; i < network.Layers.Length; i++)
        {
            _instead[i] = i;
            foreach (int source in operators.Needed[i] ? network.Sources[i] : [])
            {
                if (source >= 0)
                {
                    _consumers[source]++;
                }
            }
        }
    }

    protected Network Network { get; }

    protected KernelSet Kernels { get; }

    protected OperatorSet Operators { get; }

    public StepPlan Plan { get; } = new();

    /// <summary>The steps of a forward pass in inference form that writes the wanted layers' outputs where the caller wants them.</summary>
    public static StepPlan CreateForward(Network network, KernelSet kernels, OperatorSet operators, IReadOnlyList<int> wanted, bool[] folded)
    {
        var builder = new PlanBuilder(network, kernels, operators, wanted, training: false);
        builder.AddForward(
            folded,
            layer =>
            {
                for (int number = 0; number < wanted.Count; number++)
                {
                    if (wanted[number] == layer)
                    {
                        builder.AddOutput(layer, number);
                    }
                }
            });
        builder.Plan.Complete();
        return builder.Plan;
    }

    /// <summary>The steps of a forward pass in inference form that compares the last layer's output with the target.</summary>
    public static StepPlan CreateEvaluation(Network network, KernelSet kernels, OperatorSet operators, Loss loss, double[] losses)
    {
        int last = network.Layers.Length - 1;
        var builder = new PlanBuilder(network, kernels, operators, [last], training: false);
        builder.AddForward(new bool[network.Layers.Length], _ => { });
        builder.AddOutput(last, 0);
        TrainingPlan.AddLoss(builder.Plan, kernels.Loss, loss, network.OutputShape, builder.Value(last), null, losses);
        builder.Plan.Complete();
        return builder.Plan;
    }

    /// <summary>Adds the steps from the input to the last needed layer.</summary>
    /// <param name="folded">Layers that the one before has taken over: their output is its.</param>
    /// <param name="added">Called after each layer.</param>
    protected void AddForward(bool[] folded, Action<int> added)
    {
        Shape shape = Network.InputShape;
        SampleBuffer input = Plan.CreateBuffer(shape.Length);
        _values[^1] = input;
        Plan.Add(worker => Layout.ToChannelsLast(shape, worker.Call.Input + (nint)worker.Sample * shape.Length, input.At(worker)), input);
        for (int i = 0; i < Network.Layers.Length; i++)
        {
            if (!Operators.Needed[i])
            {
                continue;
            }

            if (folded[i] || IsMovedBehindPool(i) || (!_training && Network.Layers[i] is Dropout))
            {
                _instead[i] = Source(i, 0);
                if (_instead[i] >= 0)
                {
                    _consumers[_instead[i]] += _consumers[i] - 1;
                }
            }
            else
            {
                AddLayer(i);
            }

            added(i);
        }
    }

    /// <summary>Copies a layer's output to the caller, where it is wanted.</summary>
    protected void AddOutput(int layer, int number)
    {
        Shape shape = Operators.ShapeOf(layer);
        SampleBuffer values = Value(layer);
        Plan.Add(
            worker =>
            {
                float* to = worker.Call.Output(number);
                if (to != null)
                {
                    Layout.ToChannelsFirst(shape, values.At(worker), to + (nint)worker.Sample * shape.Length);
                }
            },
            values);
    }

    /// <summary>The layer (-1 for the input) whose steps make what a layer takes as its n-th input.</summary>
    protected int Source(int layer, int number)
    {
        int source = Network.Sources[layer][number];
        return source < 0 ? source : _instead[source];
    }

    protected SampleBuffer Value(int layer) => layer < 0 || _instead[layer] < 0 ? _values[^1] : _values[_instead[layer]];

    /// <summary>Hears of each layer's forward step, in order, to write its way back.</summary>
    protected virtual void OnForward(int layer, SampleBuffer? winners, bool reluAfter)
    {
    }

    /// <summary>
    /// A ReLU that only a max pooling takes from is done on the pooling's output, of which there is less: the largest value is the
    /// same, and where it is not positive no gradient flows either way.
    /// </summary>
    private bool IsMovedBehindPool(int layer) => Network.Layers[layer] is Relu && _consumers[layer] == 1 && PoolAfter(layer) >= 0;

    private int PoolAfter(int layer)
    {
        for (int i = layer + 1; i < Network.Layers.Length; i++)
        {
            if (Operators.Needed[i] && Network.Layers[i] is MaxPool2d && Network.Sources[i][0] == layer)
            {
                return i;
            }
        }

        return -1;
    }

    private void AddLayer(int i)
    {
        int first = Source(i, 0);
        SampleBuffer input = Value(first);
        bool inPlace = IsInPlace(i, first);
        SampleBuffer output = inPlace ? input : Plan.CreateBuffer(Operators.ShapeOf(i).Length);
        _values[i] = output;
        SampleBuffer? winners = null;
        bool reluAfter = false;
        ElementKernel elements = Kernels.Elements;
        int length = output.Stride;
        switch (Network.Layers[i])
        {
            case Conv2d or ConvTranspose2d:
                ConvolutionKernel convolution = Operators.Convolutions[i]!.Kernel;
                Plan.NeedScratch(convolution.ScratchLength);
                Plan.Add(worker => convolution.Forward(input.At(worker), output.At(worker), worker.Scratch), input, output);
                break;
            case BatchNorm2d when _training && Operators.Learns(i):
                BatchNormOperator training = Operators.Norms[i]!;
                Plan.NeedScratch(BatchNormOperator.ScratchLength(Operators.ShapeOf(i).Channels));
                Plan.Add(worker => training.AddStatistics(worker, input.At(worker)), input);
                Plan.Barrier((_, groups) => training.EndStatistics(groups));
                Plan.Add(worker => training.Normalize(input.At(worker), output.At(worker)), input, output);
                break;
            case BatchNorm2d:
                BatchNormOperator norm = Operators.Norms[i]!;
                Plan.Add(worker => norm.Infer(input.At(worker), output.At(worker)), input, output);
                break;
            case Relu:
                Plan.Add(worker => elements.LeakyRelu(input.At(worker), output.At(worker), length, 0), input, output);
                break;
            case LeakyRelu leaky:
                float slope = leaky.NegativeSlope;
                Plan.Add(worker => elements.LeakyRelu(input.At(worker), output.At(worker), length, slope), input, output);
                break;
            case Sigmoid:
                Plan.Add(worker => elements.Sigmoid(input.At(worker), output.At(worker), length), input, output);
                break;
            case MaxPool2d pool:
                reluAfter = Network.Sources[i][0] is >= 0 and int taken && IsMovedBehindPool(taken);
                winners = _training && Operators.NeedsGradient(first) ? Plan.CreateBuffer(output.Length) : null;
                AddPool(pool, first, i, input, output, winners, reluAfter);
                break;
            case GlobalAveragePool2d:
                Shape averaged = Operators.ShapeOf(first);
                ChannelKernel channels = Kernels.Channels;
                Plan.Add(worker => GlobalAverage.Forward(channels, averaged, input.At(worker), output.At(worker)), input, output);
                break;
            case Dropout dropout:
                Plan.Add(worker => DropoutMask.Apply(dropout, i, worker, input.At(worker), output.At(worker), output.Length), input, output);
                break;
            case Concat:
                AddConcat(i, output);
                break;
            default:
                throw new InvalidOperationException($"No steps for '{Network.Layers[i].Name}'.");
        }

        _keepsOutput[i] = reluAfter || Network.Layers[i] is Relu or LeakyRelu or Sigmoid;
        OnForward(i, winners, reluAfter);
    }

    /// <summary>Whether a layer may write over its input: nobody else reads it, on the way forward or back.</summary>
    private bool IsInPlace(int layer, int source)
    {
        bool elementwise = Network.Layers[layer] switch
        {
            Relu or Sigmoid or Dropout => true,
            LeakyRelu leaky => !_training || leaky.NegativeSlope >= 0,
            BatchNorm2d => !_training,
            _ => false,
        };
        return elementwise && source >= 0 && _consumers[source] == 1 && !(_training && _keepsOutput[source]);
    }

    private void AddPool(MaxPool2d pool, int source, int layer, SampleBuffer input, SampleBuffer output, SampleBuffer? winners, bool reluAfter)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        PoolKernel kernel = Kernels.Pool;
        if (winners is null)
        {
            Plan.Add(worker => kernel.Forward(pool, from, to, input.At(worker), output.At(worker), null), input, output);
        }
        else
        {
            Plan.Add(
                worker => kernel.Forward(pool, from, to, input.At(worker), output.At(worker), winners.At(worker)), input, output, winners);
        }

        if (reluAfter)
        {
            ElementKernel elements = Kernels.Elements;
            Plan.Add(worker => elements.LeakyRelu(output.At(worker), output.At(worker), output.Stride, 0), output);
        }
    }

    private void AddConcat(int layer, SampleBuffer output)
    {
        Shape whole = Operators.ShapeOf(layer);
        int before = 0;
        for (int number = 0; number < Network.Sources[layer].Length; number++)
        {
            int source = Source(layer, number);
            SampleBuffer part = Value(source);
            int channels = Operators.ShapeOf(source).Channels;
            int start = before;
            Plan.Add(
                worker => Layout.CopyChannels(
                    part.At(worker), channels, output.At(worker) + start, whole.Channels, channels, whole.Height * whole.Width),
                part,
                output);
            before += channels;
        }
    }
}
