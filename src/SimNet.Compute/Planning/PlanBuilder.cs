namespace SimNet.Compute;

/// <summary>
/// Builds the execution plan of the forward pass of a network; <see cref="TrainingPlan"/> adds the loss and the backward pass.
/// </summary>
internal unsafe class PlanBuilder : ILayerVisitor<PlanBuilder.ForwardStep, TensorBuffer?>
{
    private const int PoolUnits = 8;
    private const int ElementUnits = 4;

    // The number of vectors below which a step is not worth another thread.
    private const int MinBlocks = 512;

    private readonly bool[] _keepsOutput;
    private readonly TensorBuffer?[] _values;
    private readonly bool _training;

    /// <summary>Prepares a plan of the layers that <paramref name="operators"/> requires.</summary>
    /// <param name="network">The network.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="operators">The operators of the layers.</param>
    /// <param name="training">Whether batch norm uses the statistics of the batch, and values are kept for the backward pass.</param>
    protected PlanBuilder(Network network, KernelSet kernels, OperatorSet operators, bool training)
    {
        Network = network;
        Kernels = kernels;
        Operators = operators;
        _training = training;
        _keepsOutput = new bool[network.Layers.Length];
        _values = new TensorBuffer?[network.Layers.Length + 1];
    }

    protected Network Network { get; }

    protected KernelSet Kernels { get; }

    protected OperatorSet Operators { get; }

    protected LayerFusion Fusion => Operators.Fusion;

    public ExecutionPlan Plan { get; } = new();

    /// <summary>Builds the plan of an inference: a forward pass that writes the requested outputs to the caller's buffers.</summary>
    public static ExecutionPlan CreateForward(Network network, KernelSet kernels, OperatorSet operators, IReadOnlyList<int> outputs)
    {
        var builder = new PlanBuilder(network, kernels, operators, training: false);
        builder.AddForward(
            layer =>
            {
                for (int number = 0; number < outputs.Count; number++)
                {
                    if (outputs[number] == layer)
                    {
                        builder.AddOutput(layer, number);
                    }
                }
            });
        builder.Plan.Complete();
        return builder.Plan;
    }

    /// <summary>Builds the plan of an evaluation: a forward pass as in inference, followed by the loss.</summary>
    public static ExecutionPlan CreateEvaluation(Network network, KernelSet kernels, OperatorSet operators, Loss loss, double[] losses)
    {
        int last = network.Layers.Length - 1;
        var builder = new PlanBuilder(network, kernels, operators, training: false);
        builder.AddForward(_ => { });
        builder.AddOutput(last, 0);
        TrainingPlan.AddLoss(builder.Plan, kernels.Loss, loss, network.OutputShape, builder.Value(last), null, losses);
        builder.Plan.Complete();
        return builder.Plan;
    }

    /// <summary>Adds the steps from the input to the last required layer.</summary>
    /// <param name="added">Called after each layer.</param>
    protected void AddForward(Action<int> added)
    {
        Shape shape = Network.InputShape;
        TensorBuffer input = Plan.CreateBuffer(shape);
        _values[^1] = input;
        Plan.Add(
            Network.InputName,
            worker => TensorLayout.ToChannelsLast(shape, worker.Call.Input + (nint)worker.Sample * shape.Length, input.At(worker)),
            input);
        for (int i = 0; i < Network.Layers.Length; i++)
        {
            if (Operators.Needed[i])
            {
                if (!Fusion.IsFused(i))
                {
                    AddLayer(i);
                }

                added(i);
            }
        }
    }

    /// <summary>Adds a step that copies a layer's output to the caller's buffer, if there is one.</summary>
    protected void AddOutput(int layer, int number)
    {
        Shape shape = Operators.ShapeOf(layer);
        TensorBuffer values = Value(layer);
        Plan.Add(
            Network.Layers[layer].Name,
            worker =>
            {
                float* to = worker.Call.Output(number);
                if (to != null)
                {
                    TensorLayout.ToChannelsFirst(shape, values.At(worker), to + (nint)worker.Sample * shape.Length);
                }
            },
            values);
    }

    /// <summary>The tensor that holds a layer's output.</summary>
    protected TensorBuffer Value(int layer) => _values[Fusion.ProducerOf(layer) is >= 0 and int maker ? maker : _values.Length - 1]
        ?? throw new InvalidOperationException($"'{Network.Layers[layer].Name}' has no output.");

    protected int Source(int layer, int number) => Fusion.SourceOf(layer, number);

    /// <summary>Called after each layer's forward step is added, in order; adds the backward step.</summary>
    protected virtual void OnForward(int layer, TensorBuffer? indices)
    {
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Conv2d layer, ForwardStep step) => AddConvolution(step);

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(ConvTranspose2d layer, ForwardStep step) => AddConvolution(step);

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(BatchNorm2d layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        BatchNormOperator norm = Operators.Norms[i]!;
        if (_training && Operators.IsTrained(i))
        {
            Plan.ReserveWorkspace(BatchNormOperator.WorkspaceLength(Operators.ShapeOf(i).Channels));
            Plan.Add(layer.Name, worker => norm.AddStatistics(worker, input.At(worker)), input);
            Plan.Barrier((_, groups) => norm.MergeStatistics(groups));
            Plan.Add(layer.Name, worker => norm.Normalize(input.At(worker), output.At(worker)), input, output);
        }
        else
        {
            AddByPixels(
                i,
                Operators.ShapeOf(i),
                (worker, start, count) => norm.Infer(input.At(worker), output.At(worker), start, count),
                input,
                output);
        }

        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(ActivationLayer layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Activation activation = Activation.Of(layer)!.Value;
        ElementKernel elements = Kernels.Elements;
        AddElementwise(
            i,
            output,
            (worker, start, count) => elements.Activate(activation, input.At(worker) + start, output.At(worker) + start, count),
            input);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Add layer, ForwardStep step)
    {
        AddSum(step.Layer, step.Output, step.Epilogue);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Multiply layer, ForwardStep step)
    {
        AddProduct(step.Layer, step.Input, Value(Source(step.Layer, 1)), step.Output, step.Epilogue);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(ZeroPad2d layer, ForwardStep step)
    {
        AddPadding(layer, step.Source, step.Input, step.Output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Softmax layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        Plan.Add(layer.Name, worker => ChannelSoftmax.Forward(shape, input.At(worker), output.At(worker)), input, output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(LogSoftmax layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        Plan.Add(layer.Name, worker => ChannelSoftmax.LogForward(shape, input.At(worker), output.At(worker)), input, output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(L2Normalization layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        AddByPixels(
            i,
            shape,
            (worker, start, count) => ChannelNorm.UnitLength(
                shape.Channels,
                layer.Epsilon,
                input.At(worker) + (nint)start * shape.Channels,
                output.At(worker) + (nint)start * shape.Channels,
                count),
            input,
            output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(LayerNorm2d layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        ChannelParameters parameters = Operators.ChannelParameters[i]!;
        AddByPixels(
            i,
            shape,
            (worker, start, count) => ChannelNorm.LayerNorm(
                shape.Channels,
                layer.Epsilon,
                parameters.Weight.Value.Pointer,
                parameters.Bias!.Value.Pointer,
                input.At(worker) + (nint)start * shape.Channels,
                output.At(worker) + (nint)start * shape.Channels,
                count),
            input,
            output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(PRelu layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        ChannelParameters parameters = Operators.ChannelParameters[i]!;
        ChannelKernel channels = Kernels.Channels;
        AddByPixels(
            i,
            shape,
            (worker, start, count) => channels.ScaleNegative(
                input.At(worker) + (nint)start * shape.Channels,
                input.At(worker) + (nint)start * shape.Channels,
                parameters.Weight.Value.Pointer,
                output.At(worker) + (nint)start * shape.Channels,
                count,
                shape.Channels),
            input,
            output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Flatten layer, ForwardStep step)
    {
        (_, int source, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(source);
        Plan.Add(layer.Name, worker => TensorLayout.ToChannelsFirst(shape, input.At(worker), output.At(worker)), input, output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(ChannelShuffle layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(i);
        AddByPixels(
            i,
            shape,
            (worker, start, count) => TensorLayout.ShuffleChannels(
                input.At(worker) + (nint)start * shape.Channels,
                output.At(worker) + (nint)start * shape.Channels,
                shape.Channels,
                layer.Groups,
                count),
            input,
            output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Slice layer, ForwardStep step)
    {
        (int i, int source, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape from = Operators.ShapeOf(source), to = Operators.ShapeOf(i);
        Plan.Add(layer.Name, worker => TensorLayout.CopySlice(layer, from, to, input.At(worker), output.At(worker)), input, output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(AveragePool2d layer, ForwardStep step)
    {
        AddAverage(layer, step.Source, step.Layer, step.Input, step.Output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(MaxPool2d layer, ForwardStep step)
    {
        TensorBuffer? indices = _training && Operators.NeedsGradient(step.Source) ? Plan.CreateBuffer(step.Output.Length) : null;
        AddPool(layer, step.Source, step.Layer, step.Input, step.Output, indices, step.Epilogue);
        return indices;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(GlobalAveragePool2d layer, ForwardStep step)
    {
        (_, int source, TensorBuffer input, TensorBuffer output, _, _) = step;
        Shape shape = Operators.ShapeOf(source);
        ChannelKernel channels = Kernels.Channels;
        int blocks = shape.Channels / ElementKernel.Multiple;
        int units = Math.Clamp(blocks, 1, ElementUnits);
        Plan.Add(
            layer.Name,
            units,
            (worker, unit) =>
            {
                int start = unit * blocks / units * ElementKernel.Multiple;
                int end = unit == units - 1 ? shape.Channels : (unit + 1) * blocks / units * ElementKernel.Multiple;
                GlobalAveragePoolKernel.Forward(channels, shape, start, end - start, input.At(worker), output.At(worker));
            },
            input,
            output);
        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Dropout layer, ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, bool inPlace, _) = step;
        if (_training)
        {
            Plan.Add(
                layer.Name,
                worker => DropoutStep.Run(layer, i, worker, input.At(worker), output.At(worker), output.Length),
                input,
                output);
        }
        else if (!inPlace)
        {
            int length = output.Stride;
            Plan.Add(
                layer.Name,
                worker => new Span<float>(input.At(worker), length).CopyTo(new Span<float>(output.At(worker), length)),
                input,
                output);
        }

        return null;
    }

    TensorBuffer? ILayerVisitor<ForwardStep, TensorBuffer?>.Visit(Concat layer, ForwardStep step)
    {
        AddConcat(step.Layer, step.Output);
        return null;
    }

    private void AddLayer(int i)
    {
        Layer layer = Network.Layers[i];
        int source = Source(i, 0);
        TensorBuffer input = Value(source);
        bool inPlace = IsInPlace(i, source);
        TensorBuffer output = inPlace ? input : CreateOutput(i);
        _values[i] = output;
        TensorBuffer? indices = layer.Accept(
            this, new ForwardStep(i, source, input, output, inPlace, Epilogue.Activate(Fusion.ActivationOf(i))));
        _keepsOutput[i] = Fusion.ActivationOf(i) is not null
            || Activation.Of(layer) is { GradientFromOutput: true }
            || layer is Softmax or LogSoftmax;
        OnForward(i, indices);
    }

    private TensorBuffer? AddConvolution(ForwardStep step)
    {
        (int i, _, TensorBuffer input, TensorBuffer output, _, Epilogue epilogue) = step;
        ConvolutionKernel convolution = Operators.Convolutions[i]!.Kernel;
        Plan.ReserveWorkspace(convolution.WorkspaceLength);
        Plan.Add(
            Network.Layers[i].Name,
            convolution.Units,
            (worker, unit) =>
                convolution.Forward(unit, input.At(worker), output.At(worker), epilogue, worker.Workspace, ref worker.Prepared),
            input,
            output);
        return null;
    }

    /// <summary>A tensor for a layer's output, or a view of the concatenation that it is written into.</summary>
    private TensorBuffer CreateOutput(int layer)
    {
        if (Fusion.ConcatSliceOf(layer) is (int concat, int channel))
        {
            _values[concat] ??= Plan.CreateBuffer(Operators.ShapeOf(concat));
            return _values[concat]!.Part(channel, Operators.ShapeOf(layer).Length);
        }

        return _values[layer] ?? Plan.CreateBuffer(Operators.ShapeOf(layer));
    }

    /// <summary>Whether a layer may run in place: no other step of the forward or backward pass reads its input.</summary>
    private bool IsInPlace(int layer, int source)
    {
        bool elementwise = Network.Layers[layer] switch
        {
            Dropout => true,
            BatchNorm2d or Add or Multiply or Softmax or PRelu or LayerNorm2d or L2Normalization => !_training,
            Layer other => Activation.Of(other) is Activation activation && (!_training || activation.GradientFromOutput),
        };
        return elementwise && Fusion.HasSingleConsumer(source) && Fusion.ConcatSliceOf(layer) is null
            && !(_training && _keepsOutput[source]);
    }

    /// <summary>Adds an elementwise step, split into units of whole vectors.</summary>
    private void AddElementwise(int layer, TensorBuffer output, ElementStep step, params ReadOnlySpan<TensorBuffer> inputs)
    {
        int blocks = output.Stride / ElementKernel.Multiple;
        int units = Math.Clamp(blocks / MinBlocks, 1, ElementUnits);
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

    private void AddSum(int layer, TensorBuffer output, Epilogue epilogue)
    {
        ElementKernel elements = Kernels.Elements;
        TensorBuffer left = Value(Source(layer, 0));
        int count = Network.Sources[layer].Length;
        for (int number = 1; number < count; number++)
        {
            TensorBuffer sum = left;
            TensorBuffer right = Value(Source(layer, number));
            Epilogue last = number == count - 1 ? epilogue : default;
            AddElementwise(
                layer,
                output,
                (worker, start, length) => elements.Add(
                    sum.At(worker) + start, right.At(worker) + start, output.At(worker) + start, length, last),
                sum,
                right);
            left = output;
        }
    }

    private void AddProduct(int layer, TensorBuffer left, TensorBuffer right, TensorBuffer output, Epilogue epilogue)
    {
        Shape shape = Operators.ShapeOf(layer);
        if (Operators.ShapeOf(Source(layer, 1)) == shape)
        {
            ElementKernel elements = Kernels.Elements;
            AddElementwise(
                layer,
                output,
                (worker, start, length) => elements.Multiply(
                    left.At(worker) + start, right.At(worker) + start, output.At(worker) + start, length, epilogue),
                left,
                right);
            return;
        }

        ChannelKernel channels = Kernels.Channels;
        AddByPixels(
            layer,
            shape,
            (worker, start, count) => channels.Scale(
                left.At(worker) + (nint)start * shape.Channels,
                right.At(worker),
                output.At(worker) + (nint)start * shape.Channels,
                count,
                shape.Channels,
                epilogue),
            left,
            right,
            output);
    }

    /// <summary>Adds a step over pixels, split into units of whole rows.</summary>
    private void AddByPixels(int layer, Shape shape, ElementStep step, params ReadOnlySpan<TensorBuffer> touches)
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

    private void AddPadding(ZeroPad2d pad, int source, TensorBuffer input, TensorBuffer output)
    {
        Shape from = Operators.ShapeOf(source);
        var rows = new PaddedRows(
            from,
            -pad.Padding.Top,
            from.Height + pad.Padding.Top + pad.Padding.Bottom,
            pad.Padding.Left,
            pad.Padding.Right,
            from.Channels,
            GapsAllowed: false);
        Plan.Add(pad.Name, worker => rows.Copy(input.At(worker), output.At(worker)), input, output);
    }

    private void AddAverage(AveragePool2d pool, int source, int layer, TensorBuffer input, TensorBuffer output)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        AveragePoolKernel kernel = Kernels.AveragePool;
        int units = Math.Min(PoolUnits, to.Height);
        Plan.Add(
            pool.Name,
            units,
            (worker, unit) => kernel.Forward(
                pool, from, to, unit * to.Height / units, (unit + 1) * to.Height / units, input.At(worker), output.At(worker)),
            input,
            output);
    }

    private void AddPool(
        MaxPool2d pool, int source, int layer, TensorBuffer input, TensorBuffer output, TensorBuffer? indices, Epilogue epilogue)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        MaxPoolKernel kernel = Kernels.MaxPool;
        int units = Math.Min(PoolUnits, to.Height);
        void Step(Worker worker, int unit) => kernel.Forward(
            pool,
            from,
            to,
            unit * to.Height / units,
            (unit + 1) * to.Height / units,
            input.At(worker),
            output.At(worker),
            indices == null ? null : indices.At(worker),
            epilogue);
        if (indices is null)
        {
            Plan.Add(pool.Name, units, Step, input, output);
        }
        else
        {
            Plan.Add(pool.Name, units, Step, input, output, indices);
        }
    }

    private void AddConcat(int layer, TensorBuffer output)
    {
        Shape whole = Operators.ShapeOf(layer);
        int before = 0;
        for (int number = 0; number < Network.Sources[layer].Length && !Fusion.IsWrittenInPlace(layer); number++)
        {
            int source = Source(layer, number);
            TensorBuffer part = Value(source);
            int channels = Operators.ShapeOf(source).Channels;
            int place = before;
            AddByPixels(
                layer,
                whole,
                (worker, start, count) => TensorLayout.CopyChannels(
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

    /// <summary>Processes <paramref name="count"/> values or pixels of the worker's sample, from <paramref name="start"/>.</summary>
    private delegate void ElementStep(Worker worker, int start, int count);

    /// <summary>The arguments of a layer's forward step.</summary>
    /// <param name="Layer">The layer's index.</param>
    /// <param name="Source">The layer whose step produces the first input; -1 for the network's input.</param>
    /// <param name="Input">The first input.</param>
    /// <param name="Output">The output.</param>
    /// <param name="InPlace">Whether input and output are the same tensor.</param>
    /// <param name="Epilogue">The operations to apply to the output as it is written.</param>
    internal readonly record struct ForwardStep(
        int Layer, int Source, TensorBuffer Input, TensorBuffer Output, bool InPlace, Epilogue Epilogue);
}
