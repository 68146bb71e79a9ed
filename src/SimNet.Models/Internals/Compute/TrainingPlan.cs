namespace SimNet.Models;

/// <summary>
/// The steps of a training step: forward, loss, and backward in the reverse order. The pass that reaches the loss goes straight on
/// with the way back of the same sample. Where a value is taken by several layers, their gradients for it are added up.
/// </summary>
internal sealed unsafe class TrainingPlan : PlanBuilder
{
    private readonly Stack<Action> _wayBack = new();
    private readonly SampleBuffer?[] _gradients;
    private readonly double[] _losses = new double[StepPlan.MaxGroups];

    public TrainingPlan(Network network, KernelSet kernels, OperatorSet operators, Loss loss)
        : base(network, kernels, operators, [network.Layers.Length - 1], training: true)
    {
        int last = network.Layers.Length - 1;
        _gradients = new SampleBuffer?[network.Layers.Length];
        AddForward(new bool[network.Layers.Length], _ => { });
        AddOutput(last, 0);
        SampleBuffer? gradient = operators.NeedsGradient(last) ? Plan.CreateBuffer(network.OutputShape.Length) : null;
        _gradients[last] = gradient;
        AddLoss(Plan, kernels.Loss, loss, network.OutputShape, Value(last), gradient, _losses);
        foreach (Action back in _wayBack)
        {
            back();
        }

        Plan.Complete();
    }

    /// <summary>The sum of the batch's losses, in the order of its groups.</summary>
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

    /// <summary>Adds the step that compares a sample's output with its target.</summary>
    public static void AddLoss(StepPlan plan, LossKernel kernel, Loss loss, Shape shape, SampleBuffer output, SampleBuffer? gradient, double[] losses)
    {
        SampleBuffer target = plan.CreateBuffer(shape.Length);
        void Step(Worker worker)
        {
            float* expected = target.At(worker);
            Layout.ToChannelsLast(shape, worker.Call.Target + (nint)worker.Sample * shape.Length, expected);
            float scale = (float)(1.0 / ((double)worker.Call.Count * LossKernel.TermsOf(loss, shape)));
            double value = kernel.Run(loss, output.At(worker), expected, shape.Length, scale, gradient == null ? null : gradient.At(worker));
            losses[worker.Group] = worker.FirstOfGroup ? value : losses[worker.Group] + value;
        }

        if (gradient is null)
        {
            plan.Add(Step, output, target);
        }
        else
        {
            plan.Add(Step, output, target, gradient);
        }
    }

    protected override void OnForward(int layer, SampleBuffer? winners, bool reluAfter)
    {
        if (Operators.NeedsGradient(layer))
        {
            _wayBack.Push(() => AddBackward(layer, winners, reluAfter));
        }
    }

    private void AddBackward(int i, SampleBuffer? winners, bool reluAfter)
    {
        SampleBuffer gradient = _gradients[i] ?? throw new InvalidOperationException($"No gradient reaches '{Network.Layers[i].Name}'.");
        int first = Source(i, 0);
        SampleBuffer input = Value(first);
        SampleBuffer output = Value(i);
        ElementKernel elements = Kernels.Elements;
        int length = gradient.Stride;
        switch (Network.Layers[i])
        {
            case Conv2d or ConvTranspose2d:
                ConvolutionOperator convolution = Operators.Convolutions[i]!;
                Plan.NeedScratch(convolution.Kernel.ScratchLength);
                if (Operators.Learns(i))
                {
                    Plan.Add(worker => convolution.BackwardWeights(worker, input.At(worker), gradient.At(worker)), input, gradient);
                }

                AddGradient(first, target => Plan.Add(
                    worker => convolution.Kernel.BackwardInput(gradient.At(worker), target.At(worker), worker.Scratch), gradient, target));
                break;
            case BatchNorm2d when !Operators.Learns(i):
                BatchNormOperator frozen = Operators.Norms[i]!;
                AddGradient(first, target => Plan.Add(
                    worker => frozen.InferBackward(gradient.At(worker), target.At(worker)), gradient, target));
                break;
            case BatchNorm2d:
                BatchNormOperator norm = Operators.Norms[i]!;
                Plan.Add(worker => norm.AddGradients(worker, input.At(worker), gradient.At(worker)), input, gradient);
                Plan.Barrier((_, groups) => norm.EndGradients(groups));
                AddGradient(first, target => Plan.Add(
                    worker => norm.Backward(input.At(worker), gradient.At(worker), target.At(worker)), input, gradient, target));
                break;
            case Relu:
                AddActivation(i, first, gradient, target => Plan.Add(
                    worker => elements.LeakyReluBackward(output.At(worker), gradient.At(worker), target.At(worker), length, 0), output, gradient, target));
                break;
            case LeakyRelu leaky:
                float slope = leaky.NegativeSlope;
                SampleBuffer signs = slope >= 0 ? output : input;
                AddActivation(i, first, gradient, target => Plan.Add(
                    worker => elements.LeakyReluBackward(signs.At(worker), gradient.At(worker), target.At(worker), length, slope), signs, gradient, target));
                break;
            case Sigmoid:
                AddActivation(i, first, gradient, target => Plan.Add(
                    worker => elements.SigmoidBackward(output.At(worker), gradient.At(worker), target.At(worker), length), output, gradient, target));
                break;
            case MaxPool2d pool:
                AddPool(pool, i, first, gradient, output, winners!, reluAfter);
                break;
            case GlobalAveragePool2d:
                Shape averaged = Operators.ShapeOf(first);
                AddGradient(first, target => Plan.Add(
                    worker => GlobalAverage.Backward(averaged, gradient.At(worker), target.At(worker)), gradient, target));
                break;
            case Dropout dropout:
                AddActivation(i, first, gradient, target => Plan.Add(
                    worker => DropoutMask.Apply(dropout, i, worker, gradient.At(worker), target.At(worker), gradient.Length), gradient, target));
                break;
            case Concat:
                AddConcat(i, gradient);
                break;
            default:
                throw new InvalidOperationException($"No way back for '{Network.Layers[i].Name}'.");
        }
    }

    /// <summary>
    /// Adds the steps that write one layer's gradient for what it takes from <paramref name="source"/>: straight to that layer's
    /// gradient when it is the first to come, else aside and then added.
    /// </summary>
    private void AddGradient(int source, Action<SampleBuffer> write)
    {
        if (!Operators.NeedsGradient(source))
        {
            return;
        }

        if (_gradients[source] is SampleBuffer gradient)
        {
            SampleBuffer aside = Plan.CreateBuffer(gradient.Length);
            ElementKernel elements = Kernels.Elements;
            write(aside);
            Plan.Add(worker => elements.Add(aside.At(worker), gradient.At(worker), gradient.Stride), aside, gradient);
        }
        else
        {
            _gradients[source] = Plan.CreateBuffer(Operators.ShapeOf(source).Length);
            write(_gradients[source]!);
        }
    }

    /// <summary>An activation that wrote over its input writes its input's gradient over its output's.</summary>
    private void AddActivation(int layer, int source, SampleBuffer gradient, Action<SampleBuffer> write)
    {
        if (ReferenceEquals(Value(layer), Value(source)))
        {
            _gradients[source] = gradient;
            write(gradient);
        }
        else
        {
            AddGradient(source, write);
        }
    }

    private void AddPool(MaxPool2d pool, int layer, int source, SampleBuffer gradient, SampleBuffer output, SampleBuffer winners, bool reluAfter)
    {
        Shape from = Operators.ShapeOf(source);
        Shape to = Operators.ShapeOf(layer);
        PoolKernel kernel = Kernels.Pool;
        if (reluAfter)
        {
            ElementKernel elements = Kernels.Elements;
            Plan.Add(
                worker => elements.LeakyReluBackward(output.At(worker), gradient.At(worker), gradient.At(worker), gradient.Stride, 0), output, gradient);
        }

        AddGradient(source, target => Plan.Add(
            worker => kernel.Backward(pool, from, to, winners.At(worker), gradient.At(worker), target.At(worker)), winners, gradient, target));
    }

    private void AddConcat(int layer, SampleBuffer gradient)
    {
        Shape whole = Operators.ShapeOf(layer);
        int before = 0;
        for (int number = 0; number < Network.Sources[layer].Length; number++)
        {
            int source = Source(layer, number);
            int channels = Operators.ShapeOf(source).Channels;
            int start = before;
            AddGradient(source, target => Plan.Add(
                worker => Layout.CopyChannels(
                    gradient.At(worker) + start, whole.Channels, target.At(worker), channels, channels, whole.Height * whole.Width),
                gradient,
                target));
            before += channels;
        }
    }
}
