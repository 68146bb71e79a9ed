namespace SimNet.Compute;

/// <summary>
/// Builds the execution plan of a training step: the forward pass, the loss, and the backward pass (reverse-mode differentiation). The
/// stage that computes the loss continues with the backward pass of the same sample. The gradient of a tensor with several consumers is
/// the sum of theirs.
/// </summary>
internal sealed unsafe class TrainingPlan : PlanBuilder, ILayerVisitor<TrainingPlan.BackwardStep, ValueTuple>
{
    private readonly Stack<Action> _backward = new();
    private readonly TensorBuffer?[] _gradients;
    private readonly int[] _pendingGradients;
    private readonly double[] _losses = new double[ExecutionPlan.MaxGroups];

    public TrainingPlan(Network network, KernelSet kernels, OperatorSet operators, Loss loss)
        : base(network, kernels, operators, training: true)
    {
        int last = network.Layers.Length - 1;
        _gradients = new TensorBuffer?[network.Layers.Length];
        _pendingGradients = new int[network.Layers.Length];
        CountGradients();
        AddForward(_ => { });
        AddOutput(last, 0);
        if (operators.NeedsGradient(last))
        {
            AddGradient(
                Fusion.ProducerOf(last),
                target => AddLoss(Plan, kernels.Loss, loss, network.OutputShape, Value(last), target, _losses));
        }
        else
        {
            AddLoss(Plan, kernels.Loss, loss, network.OutputShape, Value(last), null, _losses);
        }

        foreach (Action addBackward in _backward)
        {
            addBackward();
        }

        Plan.Complete();
    }

    /// <summary>The sum of the losses of a batch, over its groups in order.</summary>
    public double SumLosses(int groups) => SumLosses(_losses, groups);

    public static double SumLosses(double[] losses, int groups)
    {
        double total = 0;
        for (int group = 0; group < groups; group++)
        {
            total += losses[group];
        }

        return total;
    }

    /// <summary>Adds the step that computes the loss of a sample and, unless <paramref name="gradient"/> is null, its gradient.</summary>
    public static void AddLoss(
        ExecutionPlan plan, LossKernel kernel, Loss loss, Shape shape, TensorBuffer output, TensorBuffer? gradient, double[] losses)
    {
        TensorBuffer target = plan.CreateBuffer(shape.Length);
        void Step(Worker worker)
        {
            float* expected = target.At(worker);
            TensorLayout.ToChannelsLast(shape, worker.Call.Target + (nint)worker.Sample * shape.Length, expected);
            float scale = (float)(1.0 / ((double)worker.Call.Count * LossKernel.TermCount(loss, shape)));
            double value = kernel.Run(
                loss, output.At(worker), expected, shape.Length, scale, gradient == null ? null : gradient.At(worker));
            losses[worker.Group] = worker.FirstOfGroup ? value : losses[worker.Group] + value;
        }

        if (gradient is null)
        {
            plan.Add("loss", Step, output, target);
        }
        else
        {
            plan.Add("loss", Step, output, target, gradient);
        }
    }

    protected override void OnForward(int layer, TensorBuffer? indices)
    {
        if (Operators.NeedsGradient(layer))
        {
            _backward.Push(() => AddBackward(layer, indices));
        }
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Conv2d layer, BackwardStep step) => AddConvolution(step);

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(ConvTranspose2d layer, BackwardStep step) => AddConvolution(step);

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(BatchNorm2d layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        BatchNormOperator norm = Operators.Norms[i]!;
        if (!Operators.IsTrained(i))
        {
            AddGradient(
                source,
                target => Plan.Add(layer.Name, worker => norm.InferBackward(gradient.At(worker), target.At(worker)), gradient, target));
            return default;
        }

        TensorBuffer input = Value(source);
        Plan.Add(layer.Name, worker => norm.AddGradients(worker, input.At(worker), gradient.At(worker)), input, gradient);
        Plan.Barrier((_, groups) => norm.ReduceGradients(groups));
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => norm.Backward(input.At(worker), gradient.At(worker), target.At(worker)),
                input,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(ActivationLayer layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Activation activation = Activation.Of(layer)!.Value;
        TensorBuffer known = activation.GradientFromOutput ? Value(i) : Value(source);
        ElementKernel elements = Kernels.Elements;
        int length = gradient.Stride;
        AddActivation(
            i,
            source,
            gradient,
            target => Plan.Add(
                layer.Name,
                worker => elements.ActivationBackward(activation, known.At(worker), gradient.At(worker), target.At(worker), length),
                known,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(MaxPool2d layer, BackwardStep step)
    {
        AddPool(layer, step.Layer, step.Source, step.Gradient, step.Indices!);
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(AveragePool2d layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape from = Operators.ShapeOf(source), to = Operators.ShapeOf(i);
        AveragePoolKernel averages = Kernels.AveragePool;
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => averages.Backward(layer, from, to, gradient.At(worker), target.At(worker)),
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(GlobalAveragePool2d layer, BackwardStep step)
    {
        (_, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(source);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name, worker => GlobalAveragePoolKernel.Backward(shape, gradient.At(worker), target.At(worker)), gradient, target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Softmax layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        TensorBuffer output = Value(i);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => ChannelSoftmax.Backward(shape, output.At(worker), gradient.At(worker), target.At(worker)),
                output,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(LogSoftmax layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        TensorBuffer output = Value(i);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => ChannelSoftmax.LogBackward(shape, output.At(worker), gradient.At(worker), target.At(worker)),
                output,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(L2Normalization layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        TensorBuffer input = Value(source);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => ChannelNorm.UnitLengthBackward(
                    shape.Channels,
                    layer.Epsilon,
                    input.At(worker),
                    gradient.At(worker),
                    target.At(worker),
                    shape.Height * shape.Width),
                input,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(LayerNorm2d layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        TensorBuffer input = Value(source);
        ChannelParameters parameters = Operators.ChannelParameters[i]!;
        bool isTrained = Operators.IsTrained(i);
        Plan.ReserveWorkspace(2 * shape.Channels);
        if (Operators.NeedsGradient(source))
        {
            AddGradient(source, target => Plan.Add(layer.Name, worker => Step(worker, target.At(worker)), input, gradient, target));
        }
        else
        {
            Plan.Add(layer.Name, worker => Step(worker, null), input, gradient);
        }

        return default;

        void Step(Worker worker, float* target)
        {
            float* sums = isTrained ? parameters.SumsOf(worker) : null;
            ChannelNorm.LayerNormBackward(
                shape.Channels,
                layer.Epsilon,
                parameters.Weight.Value.Pointer,
                input.At(worker),
                gradient.At(worker),
                target,
                shape.Height * shape.Width,
                sums,
                sums + (isTrained ? shape.Channels : 0),
                worker.Workspace);
        }
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(PRelu layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        TensorBuffer input = Value(source);
        ChannelParameters parameters = Operators.ChannelParameters[i]!;
        ChannelKernel channels = Kernels.Channels;
        int pixels = shape.Height * shape.Width;
        if (Operators.IsTrained(i))
        {
            Plan.Add(
                layer.Name,
                worker => channels.AddNegativeProducts(
                    input.At(worker), gradient.At(worker), pixels, shape.Channels, parameters.SumsOf(worker)),
                input,
                gradient);
        }

        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => channels.ScaleNegative(
                    input.At(worker),
                    gradient.At(worker),
                    parameters.Weight.Value.Pointer,
                    target.At(worker),
                    pixels,
                    shape.Channels),
                input,
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Flatten layer, BackwardStep step)
    {
        (_, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(source);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name, worker => TensorLayout.ToChannelsLast(shape, gradient.At(worker), target.At(worker)), gradient, target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(ChannelShuffle layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape shape = Operators.ShapeOf(i);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => TensorLayout.ShuffleChannels(
                    gradient.At(worker),
                    target.At(worker),
                    shape.Channels,
                    shape.Channels / layer.Groups,
                    shape.Height * shape.Width),
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Slice layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        Shape from = Operators.ShapeOf(source), to = Operators.ShapeOf(i);
        AddGradient(
            source,
            target => Plan.Add(
                layer.Name,
                worker => TensorLayout.SpreadSlice(layer, from, to, gradient.At(worker), target.At(worker)),
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Dropout layer, BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        AddActivation(
            i,
            source,
            gradient,
            target => Plan.Add(
                layer.Name,
                worker => DropoutStep.Run(layer, i, worker, gradient.At(worker), target.At(worker), gradient.Length),
                gradient,
                target));
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Concat layer, BackwardStep step)
    {
        AddConcat(step.Layer, step.Gradient);
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Add layer, BackwardStep step)
    {
        for (int number = 0; number < Network.Sources[step.Layer].Length; number++)
        {
            AddSumGradient(step.Layer, Source(step.Layer, number), step.Gradient);
        }

        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(Multiply layer, BackwardStep step)
    {
        AddProduct(step.Layer, step.Gradient);
        return default;
    }

    ValueTuple ILayerVisitor<BackwardStep, ValueTuple>.Visit(ZeroPad2d layer, BackwardStep step)
    {
        AddPadding(layer, step.Source, step.Layer, step.Gradient);
        return default;
    }

    private void AddBackward(int i, TensorBuffer? indices)
    {
        Layer layer = Network.Layers[i];
        TensorBuffer gradient = _gradients[i] ?? throw new InvalidOperationException($"'{layer.Name}' has no gradient.");
        layer.Accept<BackwardStep, ValueTuple>(this, new BackwardStep(i, Source(i, 0), gradient, indices));
    }

    /// <summary>
    /// Adds the steps that compute a consumer's gradient of the output of <paramref name="source"/>. The first consumer writes to the
    /// gradient tensor of that layer; further ones write to a temporary tensor, which is then added.
    /// </summary>
    private void AddGradient(int source, Action<TensorBuffer> write)
    {
        if (!Operators.NeedsGradient(source))
        {
            return;
        }

        ElementKernel elements = Kernels.Elements;
        string name = Network.Layers[source].Name;
        if (_gradients[source] is TensorBuffer gradient)
        {
            TensorBuffer temporary = Plan.CreateBuffer(gradient.Length);
            write(temporary);
            Plan.Add(name, worker => elements.Add(temporary.At(worker), gradient.At(worker), gradient.Stride), temporary, gradient);
        }
        else
        {
            gradient = _gradients[source] = Plan.CreateBuffer(Operators.ShapeOf(source));
            write(gradient);
        }

        CompleteGradient(source, gradient);
    }

    /// <summary>Applies the gradient of the fused activation to a layer's gradient, once all consumers have contributed to it.</summary>
    private void CompleteGradient(int source, TensorBuffer gradient)
    {
        if (IsComplete(source) && Fusion.ActivationOf(source) is Activation activation)
        {
            ElementKernel elements = Kernels.Elements;
            TensorBuffer output = Value(source);
            Plan.Add(
                Network.Layers[source].Name,
                worker => elements.ActivationBackward(
                    activation, output.At(worker), gradient.At(worker), gradient.At(worker), gradient.Stride),
                output,
                gradient);
        }
    }

    /// <summary>Adds the gradient of a sum to that of one of its inputs: copied by the first consumer, added by further ones.</summary>
    private void AddSumGradient(int layer, int source, TensorBuffer gradient)
    {
        if (!Operators.NeedsGradient(source) || _gradients[source] is not TensorBuffer sum)
        {
            AddGradient(source, target => Plan.Add(
                Network.Layers[layer].Name,
                worker => new Span<float>(gradient.At(worker), gradient.Length).CopyTo(new Span<float>(target.At(worker), gradient.Length)),
                gradient,
                target));
            return;
        }

        ElementKernel elements = Kernels.Elements;
        Plan.Add(Network.Layers[layer].Name, worker => elements.Add(gradient.At(worker), sum.At(worker), sum.Stride), gradient, sum);
        CompleteGradient(source, sum);
    }

    private void AddProduct(int layer, TensorBuffer gradient)
    {
        (int left, int right) = (Source(layer, 0), Source(layer, 1));
        Shape shape = Operators.ShapeOf(layer);
        bool gated = Operators.ShapeOf(right) != shape;
        ElementKernel elements = Kernels.Elements;
        ChannelKernel channels = Kernels.Channels;
        TensorBuffer value = Value(left);
        TensorBuffer factor = Value(right);
        string name = Network.Layers[layer].Name;
        int pixels = shape.Height * shape.Width;
        if (gated)
        {
            AddGradient(left, target => Plan.Add(
                name,
                worker => channels.Scale(gradient.At(worker), factor.At(worker), target.At(worker), pixels, shape.Channels, default),
                gradient,
                factor,
                target));
            AddGradient(right, target => Plan.Add(
                name,
                worker =>
                {
                    new Span<float>(target.At(worker), shape.Channels).Clear();
                    channels.AddProducts(gradient.At(worker), value.At(worker), pixels, shape.Channels, target.At(worker));
                },
                gradient,
                value,
                target));
            return;
        }

        AddGradient(left, target => Multiply(factor, target));
        AddGradient(right, target => Multiply(value, target));

        void Multiply(TensorBuffer by, TensorBuffer target) => Plan.Add(
            name,
            worker => elements.Multiply(gradient.At(worker), by.At(worker), target.At(worker), gradient.Stride, default),
            gradient,
            by,
            target);
    }

    private void AddPadding(ZeroPad2d pad, int source, int layer, TensorBuffer gradient)
    {
        Shape from = Operators.ShapeOf(source);
        int row = Operators.ShapeOf(layer).Width * from.Channels;
        int start = pad.Padding.Top * row + pad.Padding.Left * from.Channels;
        AddGradient(source, target => Plan.Add(
            pad.Name,
            worker => TensorLayout.CopyChannels(
                gradient.At(worker) + start, row, target.At(worker), from.Width * from.Channels, from.Width * from.Channels, from.Height),
            gradient,
            target));
    }

    /// <summary>
    /// Adds the backward step of a convolution, whose epilogue accumulates the input gradient and applies the gradient of the input's fused
    /// activation.
    /// </summary>
    private ValueTuple AddConvolution(BackwardStep step)
    {
        (int i, int source, TensorBuffer gradient, _) = step;
        string name = Network.Layers[i].Name;
        TensorBuffer input = Value(source);
        ConvolutionOperator convolution = Operators.Convolutions[i]!;
        bool isTrained = Operators.IsTrained(i);
        Plan.ReserveWorkspace(convolution.Kernel.WorkspaceLength);
        if (!Operators.NeedsGradient(source))
        {
            Plan.Add(
                name,
                worker => convolution.Backward(worker, isTrained, input.At(worker), gradient.At(worker), null, false, null),
                input,
                gradient);
            return default;
        }

        bool accumulate = _gradients[source] is not null;
        TensorBuffer target = _gradients[source] ??= Plan.CreateBuffer(Operators.ShapeOf(source));
        Activation? activation = IsComplete(source) ? Fusion.ActivationOf(source) : null;
        Plan.Add(
            name,
            worker => convolution.Backward(
                worker, isTrained, input.At(worker), gradient.At(worker), target.At(worker), accumulate, activation),
            input,
            gradient,
            target);
        return default;
    }

    /// <summary>Counts the consumers that contribute to the gradient of each layer.</summary>
    private void CountGradients()
    {
        _pendingGradients[Fusion.ProducerOf(Network.Layers.Length - 1)]++;
        for (int i = 0; i < Network.Layers.Length; i++)
        {
            for (int number = 0; number < Network.Sources[i].Length && Operators.Needed[i] && !Fusion.IsFused(i); number++)
            {
                if (Source(i, number) is >= 0 and int source)
                {
                    _pendingGradients[source]++;
                }
            }
        }
    }

    /// <summary>Counts a contribution to a layer's gradient; true if it is the last.</summary>
    private bool IsComplete(int source) => --_pendingGradients[source] == 0;

    /// <summary>Adds the gradient of an elementwise layer. A layer that ran in place computes its gradient in place as well.</summary>
    private void AddActivation(int layer, int source, TensorBuffer gradient, Action<TensorBuffer> write)
    {
        if (ReferenceEquals(Value(layer), Value(source)))
        {
            _pendingGradients[source]--;
            _gradients[source] = gradient;
            write(gradient);
        }
        else
        {
            AddGradient(source, write);
        }
    }

    private void AddPool(MaxPool2d pool, int layer, int source, TensorBuffer gradient, TensorBuffer indices)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        MaxPoolKernel kernel = Kernels.MaxPool;
        AddGradient(source, target => Plan.Add(
            pool.Name,
            worker => kernel.Backward(pool, from, to, indices.At(worker), gradient.At(worker), target.At(worker)),
            indices,
            gradient,
            target));
    }

    private void AddConcat(int layer, TensorBuffer gradient)
    {
        Shape whole = Operators.ShapeOf(layer);
        int before = 0;
        for (int number = 0; number < Network.Sources[layer].Length; number++)
        {
            int source = Source(layer, number);
            int channels = Operators.ShapeOf(source).Channels;
            int start = before;
            if (Fusion.IsWrittenInPlace(layer))
            {
                _gradients[source] = gradient.Part(start, Operators.ShapeOf(source).Length);
            }
            else
            {
                AddGradient(source, target => Plan.Add(
                    Network.Layers[layer].Name,
                    worker => TensorLayout.CopyChannels(
                        gradient.At(worker) + start, whole.Channels, target.At(worker), channels, channels, whole.Height * whole.Width),
                    gradient,
                    target));
            }

            before += channels;
        }
    }

    /// <summary>The arguments of a layer's backward step.</summary>
    /// <param name="Layer">The layer's index.</param>
    /// <param name="Source">The layer whose step produces the first input; -1 for the network's input.</param>
    /// <param name="Gradient">The gradient of the layer's output.</param>
    /// <param name="Indices">The index of the maximum in each window of a max pooling layer; null for other layers.</param>
    internal readonly record struct BackwardStep(int Layer, int Source, TensorBuffer Gradient, TensorBuffer? Indices);
}
