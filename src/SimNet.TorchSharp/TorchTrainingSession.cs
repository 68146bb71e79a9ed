using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// Training with TorchSharp. A step works on copies of the running statistics and on gradients of its own; what it changes for good, it
/// changes at its end.
/// </summary>
internal sealed class TorchTrainingSession : ITrainingSession
{
    private readonly Network _network;
    private readonly TrainingSessionOptions _options;
    private readonly TorchDevice _device;
    private readonly bool[] _needed;
    private readonly bool[] _learns;
    private readonly FlatTensors _learning;
    private readonly FlatTensors _statistics;
    private readonly FlatTensors _still;
    private readonly FlatTensors _gradients;
    private readonly FlatTensors[] _moments;
    private readonly Tensor[] _leaves;
    private readonly Tensor? _mask;
    private readonly int _kernels;
    private readonly LossScale? _scale;
    private long _step;
    private bool _disposed;

    public TorchTrainingSession(Network network, StateDict weights, TrainingSessionOptions options, TorchDevice device, LossScale? scale = null)
    {
        _network = network;
        _options = options;
        _device = device;
        _scale = device.IsMixed ? scale ?? new LossScale() : null;
        _needed = network.FindRequired([network.Layers.Length - 1]);
        bool[] frozen = options.FindFrozenLayers(network);
        _learns = [.. network.ParametersByLayer.Select((parameters, i) => _needed[i] && !frozen[i] && parameters.Length > 0)];
        foreach (ParameterInfo parameter in network.Parameters)
        {
            OptimizerState.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        ParameterInfo[] learning = [.. Where(learns: true).Where(p => p.Trainable).OrderBy(p => IsKernel(p) ? 0 : 1)];
        _learning = new FlatTensors(learning, device);
        _statistics = new FlatTensors([.. Where(learns: true).Where(p => !p.Trainable)], device);
        _still = new FlatTensors([.. Where(learns: false)], device);
        _gradients = new FlatTensors(learning, device);
        _moments = [.. OptimizerState.GetMomentNames(options.Optimizer).Select(_ => new FlatTensors(learning, device))];
        _kernels = _learning.StartOf(learning.Count(IsKernel));
        foreach (FlatTensors tensors in Weights)
        {
            tensors.Read(p => weights[p.Name]);
        }

        // The same memory as the views', and where gradients end.
        _leaves = [.. _learning.Views.Select(view => view.detach().requires_grad_(true).DetachFromDisposeScope())];
        _mask = options.KeepZeros ? MaskOfZeros() : null;
    }

    public Shape InputShape => _network.InputShape;

    public Shape OutputShape => _network.OutputShape;

    private FlatTensors[] Weights => [_learning, _statistics, _still];

    public float TrainStep(
        ReadOnlyMemory<float> input, ReadOnlyMemory<float> target, int count, float learningRate, Memory<float> output = default, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckTrainStep(input, InputShape, target, output, OutputShape, count, learningRate);

        RequireVariance(count);
        using DisposeScope scope = NewDisposeScope();
        using FlatTensors statistics = _statistics.Clone();
        var pass = new ForwardPass(_device, Parameters(statistics), new TrainingPass(_options.Seed, _step, _learns), cancellationToken);
        Tensor result = Forward(pass, input, count);
        Tensor loss = LossOperations.Run(_options.Loss, result, _device.Upload(target.Span, count, OutputShape), _device);
        double value = loss.to(ScalarType.Float64).item<double>();
        cancellationToken.ThrowIfCancellationRequested();
        Backward(loss, double.IsFinite(value));
        if (!output.IsEmpty)
        {
            TorchDevice.Download(result, output.Span);
        }

        // From here on the step is done whatever the token says.
        cancellationToken.ThrowIfCancellationRequested();
        using IDisposable mode = no_grad();
        _step = Math.Min(_step + 1, OptimizerState.MaxStep);
        _statistics.Flat.copy_(statistics.Flat);
        Update(learningRate);
        return (float)value;
    }

    public float Evaluate(
        ReadOnlyMemory<float> input, ReadOnlyMemory<float> target, int count, Memory<float> output = default, CancellationToken cancellationToken = default)
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
        foreach ((FlatTensors moment, string suffix) in Moments())
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
        var state = Moments().SelectMany(m => m.Moment.Parameters.Select(p => (Name: $"{p.Name}.{m.Suffix}", Parameter: p))).ToDictionary(t => t.Name, t => t.Parameter);
        OptimizerState.RejectUnknown(weights, name => _network.Parameters.Any(p => p.Name == name), nameof(weights));
        OptimizerState.RejectUnknown(optimizerState, name => name == OptimizerState.StepName || state.ContainsKey(name), nameof(optimizerState));
        long step = OptimizerState.ReadStep(optimizerState, nameof(optimizerState));

        // Everything is checked before anything is changed.
        foreach (ParameterInfo parameter in _network.Parameters)
        {
            OptimizerState.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        foreach ((string name, ParameterInfo parameter) in state)
        {
            OptimizerState.GetTensor(optimizerState, name, parameter, nameof(optimizerState));
        }

        foreach (FlatTensors tensors in Weights)
        {
            tensors.Read(p => weights[p.Name]);
        }

        foreach ((FlatTensors moment, string suffix) in Moments())
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

    private IEnumerable<ParameterInfo> Where(bool learns) => _network.ParametersByLayer.Where((_, i) => _learns[i] == learns).SelectMany(p => p);

    private IEnumerable<(FlatTensors Moment, string Suffix)> Moments() => _moments.Zip(OptimizerState.GetMomentNames(_options.Optimizer));

    private void RequireVariance(int count)
    {
        for (int i = 0; i < _learns.Length; i++)
        {
            if (_learns[i] && _network.Layers[i] is BatchNorm2d norm)
            {
                SessionArguments.CheckBatchNorm(norm, _network.OutputShapes[i].Height * _network.OutputShapes[i].Width, count);
            }
        }
    }

    private Dictionary<string, Tensor> Parameters(FlatTensors statistics)
    {
        var byName = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Add(_learning.Parameters, _leaves);
        Add(statistics.Parameters, statistics.Views);
        Add(_still.Parameters, _still.Views);
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
        => pass.Run(_network, _needed, [_network.Layers.Length - 1], _device.Upload(input.Span, count, InputShape))[0].to(ScalarType.Float32);

    /// <summary>Fills the gradients; where they overflow half precision, once more with a smaller scale.</summary>
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
            // Pascanu, Mikolov and Bengio, 2013, in PyTorch's form: min(1, most / (norm + 1e-6)).
            Tensor wide = gradients.to(ScalarType.Float64);
            double norm = Math.Sqrt((wide * wide).sum().item<double>());
            double factor = Math.Min(1, _options.MaxGradientNorm / (norm + 1e-6));
            if (factor != 1)
            {
                gradients.MultiplyBy(factor);
            }
        }

        OptimizerOperations.Update(_options.Optimizer, _step, rate, _learning.Flat, gradients, _moments, _kernels);
    }

    /// <summary>1 for each weight that learns and 0 for each that stays 0.</summary>
    private Tensor MaskOfZeros()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = ones_like(_learning.Flat);
        if (_kernels > 0)
        {
            mask.narrow(0, 0, _kernels).copy_(_learning.Flat.narrow(0, 0, _kernels).Is(0).logical_not());
        }

        return mask.DetachFromDisposeScope();
    }
}
