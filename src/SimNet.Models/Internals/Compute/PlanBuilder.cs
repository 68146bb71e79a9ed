namespace SimNet.Models;

/// <summary>Writes a network's forward pass as steps; <see cref="TrainingPlan"/> adds the loss and the way back.</summary>
internal unsafe class PlanBuilder
{
    private const int PoolUnits = 8;

    private readonly bool[] _keepsOutput;
    private readonly SampleBuffer?[] _values;
    private readonly bool _training;

    /// <summary>Prepares a plan of what <paramref name="operators"/> needs.</summary>
    /// <param name="network">The network.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="operators">The layers' operators.</param>
    /// <param name="training">Batch norm by the batch's statistics, and everything kept for the way back.</param>
    protected PlanBuilder(Network network, KernelSet kernels, OperatorSet operators, bool training)
    {
        Network = network;
        Kernels = kernels;
        Operators = operators;
        _training = training;
        _keepsOutput = new bool[network.Layers.Length];
        _values = new SampleBuffer?[network.Layers.Length + 1];
    }

    protected Network Network { get; }

    protected KernelSet Kernels { get; }

    protected OperatorSet Operators { get; }

    protected LayerFusion Fusion => Operators.Fusion;

    public StepPlan Plan { get; } = new();

    /// <summary>The steps of a forward pass in inference form that writes the wanted layers' outputs where the caller wants them.</summary>
    public static StepPlan CreateForward(Network network, KernelSet kernels, OperatorSet operators, IReadOnlyList<int> wanted)
    {
        var builder = new PlanBuilder(network, kernels, operators, training: false);
        builder.AddForward(
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
        var builder = new PlanBuilder(network, kernels, operators, training: false);
        builder.AddForward(_ => { });
        builder.AddOutput(last, 0);
        TrainingPlan.AddLoss(builder.Plan, kernels.Loss, loss, network.OutputShape, builder.Value(last), null, losses);
        builder.Plan.Complete();
        return builder.Plan;
    }

    /// <summary>Adds the steps from the input to the last needed layer.</summary>
    /// <param name="added">Called after each layer.</param>
    protected void AddForward(Action<int> added)
    {
        Shape shape = Network.InputShape;
        SampleBuffer input = Plan.CreateBuffer(shape);
        _values[^1] = input;
        Plan.Add(
            Network.InputName,
            worker => Layout.ToChannelsLast(shape, worker.Call.Input + (nint)worker.Sample * shape.Length, input.At(worker)),
            input);
        for (int i = 0; i < Network.Layers.Length; i++)
        {
            if (Operators.Needed[i])
            {
                if (!Fusion.IsSkipped(i))
                {
                    AddLayer(i);
                }

                added(i);
            }
        }
    }

    /// <summary>Copies a layer's output to the caller, where it is wanted.</summary>
    protected void AddOutput(int layer, int number)
    {
        Shape shape = Operators.ShapeOf(layer);
        SampleBuffer values = Value(layer);
        Plan.Add(
            Network.Layers[layer].Name,
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

    /// <summary>Where a layer's output is, or its gradient is to be.</summary>
    protected SampleBuffer Value(int layer) => _values[Fusion.MakerOf(layer) is >= 0 and int maker ? maker : _values.Length - 1]
        ?? throw new InvalidOperationException($"'{Network.Layers[layer].Name}' has no output.");

    protected int Source(int layer, int number) => Fusion.SourceOf(layer, number);

    /// <summary>Hears of each layer's forward step, in order, to write its way back.</summary>
    protected virtual void OnForward(int layer, SampleBuffer? winners)
    {
    }

    private void AddLayer(int i)
    {
        int first = Source(i, 0);
        SampleBuffer input = Value(first);
        bool inPlace = IsInPlace(i, first);
        SampleBuffer output = inPlace ? input : Place(i);
        _values[i] = output;
        SampleBuffer? winners = null;
        ElementKernel elements = Kernels.Elements;
        int length = output.Stride;
        string name = Network.Layers[i].Name;
        Epilogue epilogue = Fusion.SlopeOf(i) is float activation ? Epilogue.Activate(activation) : default;
        switch (Network.Layers[i])
        {
            case Conv2d or ConvTranspose2d:
                ConvolutionKernel convolution = Operators.Convolutions[i]!.Kernel;
                Plan.NeedScratch(convolution.ScratchLength);
                Plan.Add(
                    name,
                    convolution.Units,
                    (worker, unit) => convolution.Forward(unit, input.At(worker), output.At(worker), epilogue, worker.Scratch, ref worker.Prepared),
                    input,
                    output);
                break;
            case BatchNorm2d when _training && Operators.Learns(i):
                BatchNormOperator training = Operators.Norms[i]!;
                Plan.NeedScratch(BatchNormOperator.ScratchLength(Operators.ShapeOf(i).Channels));
                Plan.Add(name, worker => training.AddStatistics(worker, input.At(worker)), input);
                Plan.Barrier((_, groups) => training.EndStatistics(groups));
                Plan.Add(name, worker => training.Normalize(input.At(worker), output.At(worker)), input, output);
                break;
            case BatchNorm2d:
                BatchNormOperator norm = Operators.Norms[i]!;
                Plan.Add(name, worker => norm.Infer(input.At(worker), output.At(worker)), input, output);
                break;
            case Relu:
                Plan.Add(name, worker => elements.LeakyRelu(input.At(worker), output.At(worker), length, 0), input, output);
                break;
            case LeakyRelu leaky:
                float slope = leaky.NegativeSlope;
                Plan.Add(name, worker => elements.LeakyRelu(input.At(worker), output.At(worker), length, slope), input, output);
                break;
            case Sigmoid:
                Plan.Add(name, worker => elements.Sigmoid(input.At(worker), output.At(worker), length), input, output);
                break;
            case MaxPool2d pool:
                winners = _training && Operators.NeedsGradient(first) ? Plan.CreateBuffer(output.Length) : null;
                AddPool(pool, first, i, input, output, winners, epilogue);
                break;
            case GlobalAveragePool2d:
                Shape averaged = Operators.ShapeOf(first);
                ChannelKernel channels = Kernels.Channels;
                Plan.Add(name, worker => GlobalAverage.Forward(channels, averaged, input.At(worker), output.At(worker)), input, output);
                break;
            case Dropout dropout when _training:
                Plan.Add(name, worker => DropoutMask.Apply(dropout, i, worker, input.At(worker), output.At(worker), output.Length), input, output);
                break;
            case Dropout:
                if (!inPlace)
                {
                    Plan.Add(name, worker => new Span<float>(input.At(worker), length).CopyTo(new Span<float>(output.At(worker), length)), input, output);
                }

                break;
            case Concat:
                AddConcat(i, output);
                break;
            default:
                throw new InvalidOperationException($"No steps for '{name}'.");
        }

        _keepsOutput[i] = Fusion.SlopeOf(i) is not null || Network.Layers[i] is Relu or LeakyRelu or Sigmoid;
        OnForward(i, winners);
    }

    /// <summary>A buffer for a layer's output; where it is part of a concatenation, its place in that one's.</summary>
    private SampleBuffer Place(int layer)
    {
        if (Fusion.PlaceOf(layer) is (int concat, int channel))
        {
            _values[concat] ??= Plan.CreateBuffer(Operators.ShapeOf(concat));
            return _values[concat]!.Part(channel, Operators.ShapeOf(layer).Length);
        }

        return _values[layer] ?? Plan.CreateBuffer(Operators.ShapeOf(layer));
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
        return elementwise && Fusion.IsOnlyTaker(source) && Fusion.PlaceOf(layer) is null && !(_training && _keepsOutput[source]);
    }

    private void AddPool(MaxPool2d pool, int source, int layer, SampleBuffer input, SampleBuffer output, SampleBuffer? winners, Epilogue epilogue)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        PoolKernel kernel = Kernels.Pool;
        int units = Math.Min(PoolUnits, to.Height);
        void Step(Worker worker, int unit) => kernel.Forward(
            pool,
            from,
            to,
            unit * to.Height / units,
            (unit + 1) * to.Height / units,
            input.At(worker),
            output.At(worker),
            winners == null ? null : winners.At(worker),
            epilogue);
        if (winners is null)
        {
            Plan.Add(pool.Name, units, Step, input, output);
        }
        else
        {
            Plan.Add(pool.Name, units, Step, input, output, winners);
        }
    }

    private void AddConcat(int layer, SampleBuffer output)
    {
        Shape whole = Operators.ShapeOf(layer);
        int before = 0;
        for (int number = 0; number < Network.Sources[layer].Length && !Fusion.IsJoined(layer); number++)
        {
            int source = Source(layer, number);
            SampleBuffer part = Value(source);
            int channels = Operators.ShapeOf(source).Channels;
            int start = before;
            Plan.Add(
                Network.Layers[layer].Name,
                worker => Layout.CopyChannels(
                    part.At(worker), channels, output.At(worker) + start, whole.Channels, channels, whole.Height * whole.Width),
                part,
                output);
            before += channels;
        }
    }
}
