using System.Numerics.Tensors;

namespace SimNet.Compute;

/// <summary>Training with <see cref="ManagedBackend"/>.</summary>
internal sealed unsafe class ManagedTrainingSession : ITrainingSession
{
    private readonly Network _network;
    private readonly KernelSet _kernels;
    private readonly int _threads;
    private readonly TrainingSessionOptions _options;
    private readonly ParameterTable _parameters;
    private readonly OperatorSet _operators;
    private readonly TrainingPlan _plan;
    private readonly PlanExecutor _runner;
    private readonly SessionCall _call = new(outputs: 1);
    private readonly ParallelOptions _parallel;
    private readonly Action<int> _reduce;
    private readonly Action<int> _update;
    private readonly double[] _evaluationLosses = new double[ExecutionPlan.MaxGroups];
    private PlanExecutor? _evaluation;
    private long _step;
    private float _learningRate;
    private float _gradientScale;
    private int _groups;
    private bool _disposed;

    public ManagedTrainingSession(Network network, StateDict weights, TrainingSessionOptions options, KernelSet kernels, int threads)
    {
        _network = network;
        _kernels = kernels;
        _threads = threads;
        _options = options;
        bool[] frozen = options.FindFrozenLayers(network);
        _parameters = new ParameterTable(network, weights);
        _operators = new OperatorSet(network, kernels, _parameters, [network.Layers.Length - 1], training: true, frozen);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            foreach (ParameterInfo info in network.ParametersByLayer[i])
            {
                if (info.Trainable && _operators.IsTrained(i))
                {
                    _parameters[info.Name].PrepareTraining(options.Optimizer, options.KeepZeros);
                }
            }

            _operators.Norms[i]?.PrepareInference();
        }

        _plan = new TrainingPlan(network, kernels, _operators, options.Loss);
        _runner = new PlanExecutor(_plan.Plan, threads, share: false);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _reduce = Reduce;
        _update = Update;
    }

    public Shape InputShape => _network.InputShape;

    public Shape OutputShape => _network.OutputShape;

    public float TrainStep(
        ReadOnlyMemory<float> input,
        ReadOnlyMemory<float> target,
        int count,
        float learningRate,
        Memory<float> output = default,
        CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckTrainStep(input, InputShape, target, output, OutputShape, count, learningRate);

        _groups = Math.Min(count, ExecutionPlan.MaxGroups);
        for (int layer = 0; layer < _network.Layers.Length; layer++)
        {
            if (_operators.IsTrained(layer))
            {
                _operators.Norms[layer]?.Check(count);
                _operators.Convolutions[layer]?.Reserve(_groups);
                _operators.ChannelParameters[layer]?.Reserve(_groups);
            }
        }

        _plan.Plan.Reserve(count);
        Run(_runner, input, target, count, output, cancellationToken);

        // From here on the step is no longer cancelable.
        _step = Math.Min(_step + 1, OptimizerState.MaxStep);
        _learningRate = learningRate;
        ForEachLayer(_reduce);
        _gradientScale = _options.MaxGradientNorm > 0 ? GradientScale() : 1;
        ForEachLayer(_update);
        return (float)(_plan.SumLosses(_groups) / ((double)count * LossKernel.TermCount(_options.Loss, OutputShape)));
    }

    public float Evaluate(
        ReadOnlyMemory<float> input,
        ReadOnlyMemory<float> target,
        int count,
        Memory<float> output = default,
        CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckEvaluate(input, InputShape, target, output, OutputShape, count);
        foreach (BatchNormOperator? norm in _operators.Norms)
        {
            norm?.PrepareInference();
        }

        _evaluation ??= new PlanExecutor(
            PlanBuilder.CreateEvaluation(_network, _kernels, _operators, _options.Loss, _evaluationLosses), _threads, share: false);
        Run(_evaluation, input, target, count, output, cancellationToken);
        double total = TrainingPlan.SumLosses(_evaluationLosses, Math.Min(count, ExecutionPlan.MaxGroups));
        return (float)(total / ((double)count * LossKernel.TermCount(_options.Loss, OutputShape)));
    }

    public StateDict ExportWeights()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_parameters.All.Select(p => KeyValuePair.Create(p.Info.Name, p.Export(p.Value))));
    }

    public StateDict ExportOptimizerState()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var tensors = new Dictionary<string, WeightTensor> { [OptimizerState.StepName] = OptimizerState.WriteStep(_step) };
        foreach ((string name, Parameter parameter, PinnedBuffer<float> values) in OptimizerTensors())
        {
            tensors.Add(name, parameter.Export(values));
        }

        return new StateDict(tensors);
    }

    public void Restore(StateDict weights, StateDict optimizerState)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(optimizerState);
        ObjectDisposedException.ThrowIf(_disposed, this);
        List<(string Name, Parameter Parameter, PinnedBuffer<float> Values)> state = [.. OptimizerTensors()];
        TensorValidation.RejectUnknown(weights, _parameters.Contains, nameof(weights));
        TensorValidation.RejectUnknown(
            optimizerState, name => name == OptimizerState.StepName || state.Any(tensor => tensor.Name == name), nameof(optimizerState));
        long step = OptimizerState.ReadStep(optimizerState, nameof(optimizerState));

        // Check everything before changing anything.
        foreach (Parameter parameter in _parameters.All)
        {
            parameter.Check(weights, parameter.Info.Name, nameof(weights));
        }

        foreach ((string name, Parameter parameter, _) in state)
        {
            parameter.Check(optimizerState, name, nameof(optimizerState));
        }

        foreach (Parameter parameter in _parameters.All)
        {
            parameter.Read(weights, parameter.Info.Name, parameter.Value, nameof(weights));
        }

        foreach ((string name, Parameter parameter, PinnedBuffer<float> values) in state)
        {
            parameter.Read(optimizerState, name, values, nameof(optimizerState));
        }

        _step = step;
        foreach (ConvolutionOperator? convolution in _operators.Convolutions)
        {
            convolution?.Pack();
        }

        foreach (BatchNormOperator? norm in _operators.Norms)
        {
            norm?.PrepareInference();
        }
    }

    public void Dispose() => _disposed = true;

    /// <summary>The gradient of a trainable parameter in the last step, in PyTorch's order, without weight decay.</summary>
    internal ReadOnlySpan<float> GetGradient(string parameter)
        => _parameters[parameter].Gradient!.Span[.._parameters[parameter].Info.Count];

    /// <summary>Whether training updates a parameter.</summary>
    internal bool IsTrained(string parameter) => _parameters[parameter].Gradient is not null;

    private IEnumerable<(string Name, Parameter Parameter, PinnedBuffer<float> Values)> OptimizerTensors()
    {
        string[] moments = OptimizerState.GetMomentNames(_options.Optimizer);
        foreach (Parameter parameter in _parameters.All)
        {
            if (parameter.Moment is not null)
            {
                yield return ($"{parameter.Info.Name}.{moments[0]}", parameter, parameter.Moment);
            }

            if (parameter.SecondMoment is not null)
            {
                yield return ($"{parameter.Info.Name}.{moments[1]}", parameter, parameter.SecondMoment);
            }
        }
    }

    private void Run(
        PlanExecutor runner,
        ReadOnlyMemory<float> input,
        ReadOnlyMemory<float> target,
        int count,
        Memory<float> output,
        CancellationToken cancellationToken)
    {
        try
        {
            _call.Count = count;
            _call.Seed = _options.Seed;
            _call.Step = _step;
            _call.Cancellation = cancellationToken;
            _call.SetInput(input);
            _call.SetTarget(target);
            _call.SetOutput(0, output);
            runner.Run(count, _call);
        }
        finally
        {
            _call.Dispose();
        }
    }

    private void ForEachLayer(Action<int> action)
    {
        if (_threads == 1)
        {
            for (int layer = 0; layer < _network.Layers.Length; layer++)
            {
                action(layer);
            }
        }
        else
        {
            Parallel.For(0, _network.Layers.Length, _parallel, action);
        }
    }

    /// <summary>Sums the gradients of one layer over the groups; those of batch norm are already summed.</summary>
    private void Reduce(int layer)
    {
        if (!_operators.IsTrained(layer))
        {
            return;
        }

        _operators.Convolutions[layer]?.Reduce(_groups);
        _operators.ChannelParameters[layer]?.Reduce(_groups);
        foreach (ParameterInfo info in _network.ParametersByLayer[layer])
        {
            if (_parameters[info.Name] is { Mask: float[] mask, Gradient: PinnedBuffer<float> gradient })
            {
                Span<float> values = gradient.Span[..mask.Length];
                TensorPrimitives.Multiply(values, mask, values);
            }
        }
    }

    /// <summary>
    /// The factor of gradient norm clipping (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013)
    /// as PyTorch computes it: min(1, maximum / (norm + 1e-6)). Squares are summed in the order of the parameters, in double precision.
    /// </summary>
    private float GradientScale()
    {
        double squares = 0;
        foreach (Parameter parameter in _parameters.All)
        {
            ReadOnlySpan<float> gradient = parameter.Gradient is null ? [] : parameter.Gradient.Span[..parameter.Info.Count];
            foreach (float value in gradient)
            {
                squares += (double)value * value;
            }
        }

        return (float)Math.Min(1, _options.MaxGradientNorm / (Math.Sqrt(squares) + 1e-6));
    }

    /// <summary>Completes a step for one layer: updates its parameters and packs them for its kernel.</summary>
    private void Update(int layer)
    {
        if (!_operators.IsTrained(layer))
        {
            return;
        }

        if (_operators.Convolutions[layer] is ConvolutionOperator convolution)
        {
            Update(convolution.Weight);
            if (convolution.Bias is not null)
            {
                Update(convolution.Bias);
            }

            convolution.Pack();
        }
        else if (_operators.Norms[layer] is BatchNormOperator norm)
        {
            Update(norm.Weight);
            Update(norm.Bias);
            norm.UpdateRunningStatistics();
        }
        else if (_operators.ChannelParameters[layer] is ChannelParameters parameters)
        {
            Update(parameters.Weight);
            if (parameters.Bias is not null)
            {
                Update(parameters.Bias);
            }
        }
    }

    private void Update(Parameter parameter)
    {
        PinnedBuffer<float> value = parameter.Value;
        float* gradient = parameter.Gradient!.Pointer;
        float* moment = parameter.Moment!.Pointer;
        if (_gradientScale != 1)
        {
            TensorPrimitives.Multiply(parameter.Gradient.Span, _gradientScale, parameter.Gradient.Span);
        }

        float decay = _options.Optimizer.DecayKernelsOnly && !parameter.IsKernel ? 0 : _options.Optimizer.WeightDecay;
        switch (_options.Optimizer)
        {
            case Adam adam:
                _kernels.Optimizer.Adam(
                    adam, decay, _step, _learningRate, value.Pointer, gradient, moment, parameter.SecondMoment!.Pointer, value.Length);
                break;
            case Sgd sgd:
                _kernels.Optimizer.Sgd(sgd, decay, _learningRate, value.Pointer, gradient, moment, value.Length);
                break;
            default:
                throw new InvalidOperationException($"The optimizer {_options.Optimizer} is not supported.");
        }
    }
}
