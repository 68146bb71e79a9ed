using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// Training with TorchSharp. A step works on copies of the running statistics and on its own gradients; it updates the session only at its
/// end, so that a canceled step has no effect.
/// </summary>
internal sealed class TorchTrainingSession : ITrainingSession
{
    private readonly Network _network;
    private readonly TrainingSessionOptions _options;
    private readonly TorchDevice _device;
    private readonly bool[] _needed;
    private readonly bool[] _isTrained;
    private readonly ParameterGroup _trained;
    private readonly ParameterGroup _statistics;
    private readonly ParameterGroup _frozen;
    private readonly ParameterGroup _gradients;
    private readonly ParameterGroup[] _moments;
    private readonly Tensor[] _leaves;
    private readonly Tensor? _mask;
    private readonly int _kernels;
    private readonly LossScale? _scale;
    private long _step;
    private bool _disposed;

    public TorchTrainingSession(
        Network network, StateDict weights, TrainingSessionOptions options, TorchDevice device, LossScale? scale = null)
    {
        _network = network;
        _options = options;
        _device = device;
        _scale = device.IsMixed ? scale ?? new LossScale() : null;
        _needed = network.FindRequired([network.Layers.Length - 1]);
        bool[] frozen = options.FindFrozenLayers(network);
        _isTrained = [.. network.ParametersByLayer.Select((parameters, i) => _needed[i] && !frozen[i] && parameters.Length > 0)];
        foreach (ParameterInfo parameter in network.Parameters)
        {
            TensorValidation.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        ParameterInfo[] trainable = [.. Where(trained: true).Where(p => p.Trainable).OrderBy(p => IsKernel(p) ? 0 : 1)];
        _trained = new ParameterGroup(trainable, device);
        _statistics = new ParameterGroup([.. Where(trained: true).Where(p => !p.Trainable)], device);
        _frozen = new ParameterGroup([.. Where(trained: false)], device);
        _gradients = new ParameterGroup(trainable, device);
        _moments = [.. OptimizerState.GetMomentNames(options.Optimizer).Select(_ => new ParameterGroup(trainable, device))];
        _kernels = _trained.StartOf(trainable.Count(IsKernel));
        foreach (ParameterGroup tensors in Weights)
        {
            tensors.Read(p => weights[p.Name]);
        }

        // Leaf tensors of autograd that share the memory of the views.
        _leaves = [.. _trained.Views.Select(view => view.detach().requires_grad_(true).DetachFromDisposeScope())];
        _mask = options.KeepZeros ? CreateMask() : null;
    }

    public Shape InputShape => _network.InputShape;

    public Shape OutputShape => _network.OutputShape;

    private ParameterGroup[] Weights => [_trained, _statistics, _frozen];

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

        RequireVariance(count);
        using DisposeScope scope = NewDisposeScope();
        using ParameterGroup statistics = _statistics.Clone();
        var pass = new ForwardPass(_device, Parameters(statistics), new TrainingPass(_options.Seed, _step, _isTrained), cancellationToken);
        Tensor result = Forward(pass, input, count);
        Tensor loss = LossOperations.Run(_options.Loss, result, _device.Upload(target.Span, count, OutputShape), _device);
        double value = loss.to(ScalarType.Float64).item<double>();
        cancellationToken.ThrowIfCancellationRequested();
        Backward(loss, double.IsFinite(value));
        if (!output.IsEmpty)
        {
            TorchDevice.Download(result, output.Span);
        }

        // The last point at which the step can be canceled.
        cancellationToken.ThrowIfCancellationRequested();
        using IDisposable mode = no_grad();
        _step = Math.Min(_step + 1, OptimizerState.MaxStep);
        _statistics.Flat.copy_(statistics.Flat);
        Update(learningRate);
        return (float)value;
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
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        Tensor result = Forward(new ForwardPass(_device, Parameters(_statistics), Training: null, cancellationToken), input, count);
        Tensor loss = LossOperations.Run(_options.Loss, result, _device.Upload(target.Span, count, OutputShape), _device);
        if (!output.IsEmpty)
        {
            TorchDevice.Download(result, output.Span);
        }

        return (float)loss.to(ScalarType.Float64).item<double>();
    }

    public StateDict ExportWeights()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new StateDict(Weights.SelectMany(tensors => tensors.Export()).Select(t => KeyValuePair.Create(t.Parameter.Name, t.Tensor)));
    }

    public StateDict ExportOptimizerState()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var tensors = new Dictionary<string, WeightTensor> { [OptimizerState.StepName] = OptimizerState.WriteStep(_step) };
        foreach ((ParameterGroup moment, string suffix) in Moments())
        {
            foreach ((ParameterInfo parameter, WeightTensor tensor) in moment.Export())
            {
                tensors.Add($"{parameter.Name}.{suffix}", tensor);
            }
        }

        return new StateDict(tensors);
    }

    public void Restore(StateDict weights, StateDict optimizerState)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(optimizerState);
        ObjectDisposedException.ThrowIf(_disposed, this);
        var state = Moments()
            .SelectMany(m => m.Moment.Parameters.Select(p => (Name: $"{p.Name}.{m.Suffix}", Parameter: p)))
            .ToDictionary(t => t.Name, t => t.Parameter);
        TensorValidation.RejectUnknown(weights, name => _network.Parameters.Any(p => p.Name == name), nameof(weights));
        TensorValidation.RejectUnknown(
            optimizerState, name => name == OptimizerState.StepName || state.ContainsKey(name), nameof(optimizerState));
        long step = OptimizerState.ReadStep(optimizerState, nameof(optimizerState));

        // Check everything before changing anything.
        foreach (ParameterInfo parameter in _network.Parameters)
        {
            TensorValidation.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        foreach ((string name, ParameterInfo parameter) in state)
        {
            TensorValidation.GetTensor(optimizerState, name, parameter, nameof(optimizerState));
        }

        foreach (ParameterGroup tensors in Weights)
        {
            tensors.Read(p => weights[p.Name]);
        }

        foreach ((ParameterGroup moment, string suffix) in Moments())
        {
            moment.Read(p => optimizerState[$"{p.Name}.{suffix}"]);
        }

        _step = step;
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (IDisposable tensors in (IEnumerable<IDisposable>)[.. Weights, _gradients, .. _moments, .. _leaves])
        {
            tensors.Dispose();
        }

        _mask?.Dispose();
    }

    private static bool IsKernel(ParameterInfo parameter) => parameter.Dimensions.Length == 4;

    private IEnumerable<ParameterInfo> Where(bool trained)
        => _network.ParametersByLayer.Where((_, i) => _isTrained[i] == trained).SelectMany(p => p);

    private IEnumerable<(ParameterGroup Moment, string Suffix)> Moments()
        => _moments.Zip(OptimizerState.GetMomentNames(_options.Optimizer));

    private void RequireVariance(int count)
    {
        for (int i = 0; i < _isTrained.Length; i++)
        {
            if (_isTrained[i] && _network.Layers[i] is BatchNorm2d norm)
            {
                SessionArguments.CheckBatchNorm(norm, _network.OutputShapes[i].Height * _network.OutputShapes[i].Width, count);
            }
        }
    }

    private Dictionary<string, Tensor> Parameters(ParameterGroup statistics)
    {
        var byName = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Add(_trained.Parameters, _leaves);
        Add(statistics.Parameters, statistics.Views);
        Add(_frozen.Parameters, _frozen.Views);
        return byName;

        void Add(IReadOnlyList<ParameterInfo> parameters, Tensor[] tensors)
        {
            for (int i = 0; i < tensors.Length; i++)
            {
                byName.Add(parameters[i].Name, tensors[i]);
            }
        }
    }

    private Tensor Forward(ForwardPass pass, ReadOnlyMemory<float> input, int count)
        => pass.Run(
            _network, _needed, [_network.Layers.Length - 1], _device.Upload(input.Span, count, InputShape))[0].to(ScalarType.Float32);

    /// <summary>Computes the gradients; if they overflow half precision, again with a smaller loss scale.</summary>
    private void Backward(Tensor loss, bool isFinite)
    {
        if (_leaves.Length == 0)
        {
            return;
        }

        bool again;
        do
        {
            using DisposeScope scope = NewDisposeScope();
            double scale = _scale?.Value ?? 1;
            IList<Tensor> gradients = autograd.grad([scale == 1 ? loss : loss.Times(scale)], _leaves, retain_graph: _scale is not null);
            using IDisposable mode = no_grad();
            for (int i = 0; i < _leaves.Length; i++)
            {
                _gradients.Views[i].copy_(gradients[i]);
            }

            if (scale != 1)
            {
                _gradients.Flat.DivideBy(scale);
            }

            again = false;
            if (_scale is not null && isFinite)
            {
                bool overflow = !_gradients.Flat.isfinite().all().item<bool>();
                again = overflow && _scale.Shrink();
                if (!overflow)
                {
                    _scale.Count();
                }
            }
        }
        while (again);
    }

    private void Update(float rate)
    {
        Tensor gradients = _gradients.Flat;
        if (_mask is not null)
        {
            gradients.mul_(_mask);
        }

        if (_options.MaxGradientNorm > 0)
        {
            // Gradient norm clipping (Pascanu, Mikolov and Bengio, 2013) in PyTorch's form: min(1, maximum / (norm + 1e-6)).
            Tensor wide = gradients.to(ScalarType.Float64);
            double norm = Math.Sqrt((wide * wide).sum().item<double>());
            double factor = Math.Min(1, _options.MaxGradientNorm / (norm + 1e-6));
            if (factor != 1)
            {
                gradients.MultiplyBy(factor);
            }
        }

        OptimizerOperations.Update(_options.Optimizer, _step, rate, _trained.Flat, gradients, _moments, _kernels);
    }

    /// <summary>1 for each weight that is trained and 0 for each that stays 0.</summary>
    private Tensor CreateMask()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = ones_like(_trained.Flat);
        if (_kernels > 0)
        {
            mask.narrow(0, 0, _kernels).copy_(_trained.Flat.narrow(0, 0, _kernels).EqualTo(0).logical_not());
        }

        return mask.DetachFromDisposeScope();
    }
}
