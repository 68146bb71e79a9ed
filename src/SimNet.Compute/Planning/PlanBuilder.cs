namespace SimNet.Compute;

/// <summary>Writes a network's forward pass as steps; <see cref="TrainingPlan"/> adds the loss and the way back.</summary>
internal unsafe class PlanBuilder
{
    private const int PoolUnits = 8;
    private const int ElementUnits = 4;

    // Vectors' worth of values below which a step is not worth another thread.
    private const int LeastBlocks = 512;

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
        var epilogue = Epilogue.Activate(Fusion.ActivationOf(i));
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
                AddByPixels(
                    i, Operators.ShapeOf(i), (worker, start, count) => norm.Infer(input.At(worker), output.At(worker), start, count), input, output);
                break;
            case Layer layer when Activation.Of(layer) is Activation activation:
                AddElementwise(
                    i,
                    output,
                    (worker, start, count) => elements.Activate(activation, input.At(worker) + start, output.At(worker) + start, count),
                    input);
                break;
            case Add:
                AddSum(i, output, epilogue);
                break;
            case Multiply:
                AddProduct(i, input, Value(Source(i, 1)), output, epilogue);
                break;
            case ZeroPad2d pad:
                AddPadding(pad, first, input, output);
                break;
            case Softmax:
                Shape classified = Operators.ShapeOf(i);
                Plan.Add(name, worker => ChannelSoftmax.Forward(classified, input.At(worker), output.At(worker)), input, output);
                break;
            case AveragePool2d pool:
                AddAverage(pool, first, i, input, output);
                break;
            case MaxPool2d pool:
                winners = _training && Operators.NeedsGradient(first) ? Plan.CreateBuffer(output.Length) : null;
                AddPool(pool, first, i, input, output, winners, epilogue);
                break;
            case GlobalAveragePool2d:
                Shape averaged = Operators.ShapeOf(first);
                ChannelKernel channels = Kernels.Channels;
                int blocks = averaged.Channels / ElementKernel.Multiple;
                int units = Math.Clamp(blocks, 1, ElementUnits);
                Plan.Add(
                    name,
                    units,
                    (worker, unit) =>
                    {
                        int start = unit * blocks / units * ElementKernel.Multiple;
                        int end = unit == units - 1 ? averaged.Channels : (unit + 1) * blocks / units * ElementKernel.Multiple;
                        GlobalAverage.Forward(channels, averaged, start, end - start, input.At(worker), output.At(worker));
                    },
                    input,
                    output);
                break;
            case Dropout dropout when _training:
                Plan.Add(name, worker => DropoutStep.Run(dropout, i, worker, input.At(worker), output.At(worker), output.Length), input, output);
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

        _keepsOutput[i] = Fusion.ActivationOf(i) is not null || Activation.Of(Network.Layers[i]) is { GradientFromOutput: true } || Network.Layers[i] is Softmax;
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
            Dropout => true,
            BatchNorm2d or Add or Multiply or Softmax => !_training,
            Layer other => Activation.Of(other) is Activation activation && (!_training || activation.GradientFromOutput),
        };
        return elementwise && Fusion.IsOnlyTaker(source) && Fusion.PlaceOf(layer) is null && !(_training && _keepsOutput[source]);
    }

    /// <summary>A step value by value, in parts of whole vectors.</summary>
    private void AddElementwise(int layer, SampleBuffer output, ElementStep step, params ReadOnlySpan<SampleBuffer> inputs)
    {
        int blocks = output.Stride / ElementKernel.Multiple;
        int units = Math.Clamp(blocks / LeastBlocks, 1, ElementUnits);
        Plan.Add(
            Network.Layers[layer].Name,
            units,
            (worker, unit) =>
            {
                int start = (int)((long)unit * blocks / units) * ElementKernel.Multiple;
                int end = (int)((long)(unit + 1) * blocks / units) * ElementKernel.Multiple;
                step(worker, start, end - start);
            },
            [.. inputs, output]);
    }

    private void AddSum(int layer, SampleBuffer output, Epilogue epilogue)
    {
        ElementKernel elements = Kernels.Elements;
        SampleBuffer left = Value(Source(layer, 0));
        int count = Network.Sources[layer].Length;
        for (int number = 1; number < count; number++)
        {
            SampleBuffer sum = left;
            SampleBuffer right = Value(Source(layer, number));
            Epilogue last = number == count - 1 ? epilogue : default;
            AddElementwise(
                layer,
                output,
                (worker, start, length) => elements.Add(sum.At(worker) + start, right.At(worker) + start, output.At(worker) + start, length, last),
                sum,
                right);
            left = output;
        }
    }

    private void AddProduct(int layer, SampleBuffer left, SampleBuffer right, SampleBuffer output, Epilogue epilogue)
    {
        Shape shape = Operators.ShapeOf(layer);
        if (Operators.ShapeOf(Source(layer, 1)) == shape)
        {
            ElementKernel elements = Kernels.Elements;
            AddElementwise(
                layer,
                output,
                (worker, start, length) => elements.Multiply(left.At(worker) + start, right.At(worker) + start, output.At(worker) + start, length, epilogue),
                left,
                right);
            return;
        }

        ChannelKernel channels = Kernels.Channels;
        AddByPixels(
            layer,
            shape,
            (worker, start, count) => channels.Scale(
                left.At(worker) + (nint)start * shape.Channels, right.At(worker), output.At(worker) + (nint)start * shape.Channels, count, shape.Channels, epilogue),
            left,
            right,
            output);
    }

    /// <summary>A step pixel by pixel, in parts of whole rows.</summary>
    private void AddByPixels(int layer, Shape shape, ElementStep step, params ReadOnlySpan<SampleBuffer> touches)
    {
        int units = Math.Min(ElementUnits, shape.Height);
        Plan.Add(
            Network.Layers[layer].Name,
            units,
            (worker, unit) =>
            {
                int start = unit * shape.Height / units * shape.Width;
                int end = (unit + 1) * shape.Height / units * shape.Width;
                step(worker, start, end - start);
            },
            touches);
    }

    private void AddPadding(ZeroPad2d pad, int source, SampleBuffer input, SampleBuffer output)
    {
        Shape from = Operators.ShapeOf(source);
        var rows = new SourceRows(
            from,
            -pad.Padding.Top,
            from.Height + pad.Padding.Top + pad.Padding.Bottom,
            pad.Padding.Left,
            pad.Padding.Right,
            from.Channels,
            GapsAllowed: false);
        Plan.Add(pad.Name, worker => rows.Copy(input.At(worker), output.At(worker)), input, output);
    }

    private void AddAverage(AveragePool2d pool, int source, int layer, SampleBuffer input, SampleBuffer output)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        AveragePoolKernel kernel = Kernels.AveragePool;
        int units = Math.Min(PoolUnits, to.Height);
        Plan.Add(
            pool.Name,
            units,
            (worker, unit) => kernel.Forward(pool, from, to, unit * to.Height / units, (unit + 1) * to.Height / units, input.At(worker), output.At(worker)),
            input,
            output);
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
            int place = before;
            AddByPixels(
                layer,
                whole,
                (worker, start, count) => Layout.CopyChannels(
                    part.At(worker) + (nint)start * channels,
                    channels,
                    output.At(worker) + (nint)start * whole.Channels + place,
                    whole.Channels,
                    channels,
                    count),
                part,
                output);
            before += channels;
        }
    }

    /// <summary>Does <paramref name="count"/> values, or pixels, from <paramref name="start"/> on of the worker's sample.</summary>
    private delegate void ElementStep(Worker worker, int start, int count);
}
