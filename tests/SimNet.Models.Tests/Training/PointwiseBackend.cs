namespace SimNet.Models.Tests;

/// <summary>
/// A back end for networks of one 1x1 convolution with mean squared error and SGD with momentum, in plain loops, so that the trainer is
/// tested against arithmetic that can be checked by hand. Records its calls.
/// </summary>
internal sealed class PointwiseBackend : ITrainingBackend
{
    public const string Layer = "point";

    public List<(int Count, float Rate, float[] FirstInputs)> Steps { get; } = [];

    public List<int> Evaluations { get; } = [];

    public int OpenSessions { get; private set; }

    /// <summary>Called at the start of each step with its number.</summary>
    public Action<int>? OnStep { get; set; }

    /// <summary>The last step that changes the weights.</summary>
    public int StopAfterStep { get; init; } = int.MaxValue;

    public string Name { get; init; } = "pointwise";

    public static Network NetworkOf(int channels = 1, int outputs = 1, int size = 1) =>
        new("pointwise", new Shape(channels, size, size), [new Conv2d(Layer, outputs, 1)]);

    public IInferenceSession CreateInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs) =>
        throw new NotSupportedException();

    public ITrainingSession CreateTrainingSession(Network network, StateDict weights, TrainingSessionOptions options) =>
        new Session(this, network, weights, (Sgd)options.Optimizer);

    private sealed class Session : ITrainingSession
    {
        private readonly PointwiseBackend _backend;
        private readonly Sgd _optimizer;
        private float[] _weight, _bias, _weightStep, _biasStep;

        public Session(PointwiseBackend backend, Network network, StateDict weights, Sgd optimizer)
        {
            _backend = backend;
            _optimizer = optimizer;
            InputShape = network.InputShape;
            OutputShape = network.OutputShape;
            _weight = weights.Values(Layer + ".weight");
            _bias = weights.Values(Layer + ".bias");
            _weightStep = new float[_weight.Length];
            _biasStep = new float[_bias.Length];
            backend.OpenSessions++;
        }

        public Shape InputShape { get; }

        public Shape OutputShape { get; }

        public float TrainStep(
            ReadOnlyMemory<float> input,
            ReadOnlyMemory<float> target,
            int count,
            float learningRate,
            Memory<float> output = default,
            CancellationToken cancellationToken = default)
        {
            _backend.OnStep?.Invoke(_backend.Steps.Count);
            _backend.Steps.Add((count, learningRate, [.. Enumerable.Range(0, count).Select(i => input.Span[i * InputShape.Length])]));
            float[] weightGradient = new float[_weight.Length], biasGradient = new float[_bias.Length];
            float loss = Run(input.Span, target.Span, count, output.Span, weightGradient, biasGradient);
            learningRate = _backend.Steps.Count <= _backend.StopAfterStep ? learningRate : 0;
            Update(_weight, _weightStep, weightGradient, learningRate);
            Update(_bias, _biasStep, biasGradient, learningRate);
            return loss;
        }

        public float Evaluate(
            ReadOnlyMemory<float> input,
            ReadOnlyMemory<float> target,
            int count,
            Memory<float> output = default,
            CancellationToken cancellationToken = default)
        {
            _backend.Evaluations.Add(count);
            return Run(input.Span, target.Span, count, output.Span, new float[_weight.Length], new float[_bias.Length]);
        }

        public StateDict ExportWeights() => Export(_weight, _bias);

        public StateDict ExportOptimizerState() => Export(_weightStep, _biasStep);

        public void Restore(StateDict weights, StateDict optimizerState)
        {
            if (!optimizerState.Keys.SequenceEqual([Layer + ".bias", Layer + ".weight"])
                || optimizerState.Values(Layer + ".weight").Length != _weight.Length
                || optimizerState.Values(Layer + ".bias").Length != _bias.Length)
            {
                throw new ArgumentException("The optimizer state belongs to another network.", nameof(optimizerState));
            }

            (_weight, _bias) = (weights.Values(Layer + ".weight"), weights.Values(Layer + ".bias"));
            (_weightStep, _biasStep) = (optimizerState.Values(Layer + ".weight"), optimizerState.Values(Layer + ".bias"));
        }

        public void Dispose() => _backend.OpenSessions--;

        private StateDict Export(float[] weight, float[] bias) => new(
        [
            new(Layer + ".weight", new WeightTensor([OutputShape.Channels, InputShape.Channels, 1, 1], (float[])weight.Clone())),
            new(Layer + ".bias", new WeightTensor([OutputShape.Channels], (float[])bias.Clone())),
        ]);

        private float Run(
            ReadOnlySpan<float> input,
            ReadOnlySpan<float> target,
            int count,
            Span<float> output,
            float[] weightGradient,
            float[] biasGradient)
        {
            int channels = InputShape.Channels, outputs = OutputShape.Channels, area = InputShape.Height * InputShape.Width;
            float loss = 0, scale = 1f / (count * outputs * area);
            for (int n = 0; n < count; n++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    for (int p = 0; p < area; p++)
                    {
                        float value = _bias[o];
                        for (int c = 0; c < channels; c++)
                        {
                            value += _weight[o * channels + c] * input[(n * channels + c) * area + p];
                        }

                        int at = (n * outputs + o) * area + p;
                        float error = value - target[at];
                        loss += error * error * scale;
                        biasGradient[o] += 2 * error * scale;
                        for (int c = 0; c < channels; c++)
                        {
                            weightGradient[o * channels + c] += 2 * error * scale * input[(n * channels + c) * area + p];
                        }

                        if (!output.IsEmpty)
                        {
                            output[at] = value;
                        }
                    }
                }
            }

            return loss;
        }

        private void Update(float[] values, float[] step, float[] gradient, float rate)
        {
            for (int i = 0; i < values.Length; i++)
            {
                step[i] = _optimizer.Momentum * step[i] + gradient[i];
                values[i] -= rate * step[i];
            }
        }
    }
}
