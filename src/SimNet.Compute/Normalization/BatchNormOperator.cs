namespace SimNet.Compute;

/// <summary>
/// Batch norm in a session. In training (Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1), over the m values of a channel in
/// the batch:
/// <code>
/// mean = sum x / m;  variance = sum (x - mean)^2 / m;  y = weight (x - mean) / sqrt(variance + epsilon) + bias
/// </code>
/// The statistics of samples are merged in order into those of their group, and those of the groups in order into those of the batch, in
/// double precision (Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979).
/// </summary>
internal sealed unsafe class BatchNormOperator
{
    private readonly BatchNorm2d _layer;
    private readonly ChannelKernel _kernel;
    private readonly int _pixels;
    private readonly int _channels;
    private readonly int _outputStride;
    private readonly Epilogue _epilogue;
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly Parameter _runningMean;
    private readonly Parameter _runningVariance;
    private readonly PinnedBuffer<float> _center;
    private readonly PinnedBuffer<float> _scale;
    private readonly PinnedBuffer<float> _gradientMean;
    private readonly PinnedBuffer<float> _gradientSlope;
    private readonly PinnedBuffer<float> _inferenceScale;
    private readonly PinnedBuffer<float> _zeros;
    private readonly double[] _inverse;
    private readonly double[] _batchMean;
    private readonly double[] _batchVariance;
    private readonly Statistics[] _groups = new Statistics[ExecutionPlan.MaxGroups];

    /// <param name="layer">The layer.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="shape">Shape of the input and the output.</param>
    /// <param name="outputStride">Distance between consecutive pixels of the output and of its gradient, in values.</param>
    /// <param name="activation">The fused activation; null for none.</param>
    /// <param name="parameters">The session's parameters.</param>
    public BatchNormOperator(
        BatchNorm2d layer, ChannelKernel kernel, Shape shape, int outputStride, Activation? activation, ParameterTable parameters)
    {
        _outputStride = outputStride;
        _epilogue = Epilogue.Activate(activation);
        _layer = layer;
        _kernel = kernel;
        _pixels = shape.Height * shape.Width;
        _channels = shape.Channels;
        _weight = parameters[$"{layer.Name}.weight"];
        _bias = parameters[$"{layer.Name}.bias"];
        _runningMean = parameters[$"{layer.Name}.running_mean"];
        _runningVariance = parameters[$"{layer.Name}.running_var"];
        _center = new PinnedBuffer<float>(_channels);
        _scale = new PinnedBuffer<float>(_channels);
        _gradientMean = new PinnedBuffer<float>(_channels);
        _gradientSlope = new PinnedBuffer<float>(_channels);
        _inferenceScale = new PinnedBuffer<float>(_channels);
        _zeros = new PinnedBuffer<float>(_channels);
        _inverse = new double[_channels];
        _batchMean = new double[_channels];
        _batchVariance = new double[_channels];
    }

    public Parameter Weight => _weight;

    public Parameter Bias => _bias;

    /// <summary>Number of workspace values that <see cref="AddStatistics"/> needs: two doubles for each channel.</summary>
    public static int WorkspaceLength(int channels) => checked(4 * channels);

    /// <summary>Checks that a batch has enough values for a variance.</summary>
    public void Check(int count) => SessionArguments.CheckBatchNorm(_layer, _pixels, count);

    /// <summary>Precomputes the scales of <see cref="Infer"/> from the running statistics and the parameters.</summary>
    public void PrepareInference()
    {
        for (int c = 0; c < _channels; c++)
        {
            _inferenceScale.Pointer[c] = (float)InferenceScale(c);
        }
    }

    /// <summary>weight / sqrt(running variance + epsilon).</summary>
    private double InferenceScale(int channel)
        => _weight.Value.Pointer[channel] / Math.Sqrt((double)_runningVariance.Value.Pointer[channel] + _layer.Epsilon);

    /// <summary>Normalizes a range of pixels with the running statistics. The pointers refer to the whole sample.</summary>
    public void Infer(float* values, float* result, int firstPixel, int pixels)
        => _kernel.Normalize(
            values + (nint)firstPixel * _channels,
            _channels,
            result + (nint)firstPixel * _outputStride,
            _outputStride,
            pixels,
            _channels,
            _runningMean.Value.Pointer,
            _inferenceScale.Pointer,
            _bias.Value.Pointer,
            _epilogue);

    /// <summary>Computes the gradient of the input of <see cref="Infer"/>.</summary>
    public void InferBackward(float* gradients, float* result)
        => _kernel.Normalize(
            gradients,
            _outputStride,
            result,
            _channels,
            _pixels,
            _channels,
            _zeros.Pointer,
            _inferenceScale.Pointer,
            _zeros.Pointer,
            default);

    /// <summary>Merges the statistics of a sample into those of its group.</summary>
    public void AddStatistics(Worker worker, float* values)
    {
        ref Statistics group = ref Start(worker);
        double* means = (double*)worker.Workspace;
        double* squares = means + _channels;
        _kernel.Moments(values, _pixels, _channels, means, squares);
        group.Merge(new ReadOnlySpan<double>(means, _channels), new ReadOnlySpan<double>(squares, _channels), _pixels);
    }

    /// <summary>Merges the statistics of the groups into those of the batch.</summary>
    public void MergeStatistics(int groups)
    {
        Statistics batch = _groups[0];
        for (int group = 1; group < groups; group++)
        {
            batch.Merge(_groups[group].First, _groups[group].Second, _groups[group].Count);
        }

        for (int c = 0; c < _channels; c++)
        {
            double mean = batch.First[c];
            _inverse[c] = 1 / Math.Sqrt(batch.Second[c] / batch.Count + _layer.Epsilon);
            _center.Pointer[c] = (float)mean;
            _scale.Pointer[c] = (float)(_weight.Value.Pointer[c] * _inverse[c]);
            _batchMean[c] = mean;
            _batchVariance[c] = batch.Second[c] / (batch.Count - 1);
        }
    }

    /// <summary>Updates the running statistics. Runs with the other updates of the step, so that a canceled step has no effect.</summary>
    public void UpdateRunningStatistics()
    {
        float momentum = _layer.Momentum;
        for (int c = 0; c < _channels; c++)
        {
            Update(_runningMean, c, _batchMean[c]);
            Update(_runningVariance, c, _batchVariance[c]);
        }

        void Update(Parameter running, int c, double value)
            => running.Value.Pointer[c] = (float)((1 - momentum) * running.Value.Pointer[c] + momentum * value);
    }

    /// <summary>Normalizes a sample with the statistics of the batch.</summary>
    public void Normalize(float* values, float* result)
        => _kernel.Normalize(
            values, _channels, result, _outputStride, _pixels, _channels, _center.Pointer, _scale.Pointer, _bias.Value.Pointer, _epilogue);

    /// <summary>Adds a sample's sums of gradients, and of gradients times differences from the mean, to those of its group.</summary>
    public void AddGradients(Worker worker, float* values, float* gradients)
    {
        ref Statistics group = ref Start(worker);
        group.Count += _pixels;
        fixed (double* sums = group.First, products = group.Second)
        {
            _kernel.AddGradientSums(values, gradients, _outputStride, _pixels, _channels, _center.Pointer, sums, products);
        }
    }

    /// <summary>Computes the gradients of the parameters and the means that <see cref="Backward"/> subtracts.</summary>
    public void ReduceGradients(int groups)
    {
        Statistics batch = _groups[0];
        for (int group = 1; group < groups; group++)
        {
            batch.Count += _groups[group].Count;
            for (int c = 0; c < _channels; c++)
            {
                batch.First[c] += _groups[group].First[c];
                batch.Second[c] += _groups[group].Second[c];
            }
        }

        for (int c = 0; c < _channels; c++)
        {
            _bias.Gradient!.Pointer[c] = (float)batch.First[c];
            _weight.Gradient!.Pointer[c] = (float)(batch.Second[c] * _inverse[c]);
            _gradientMean.Pointer[c] = (float)(batch.First[c] / batch.Count);
            _gradientSlope.Pointer[c] = (float)(batch.Second[c] * _inverse[c] * _inverse[c] / batch.Count);
        }
    }

    /// <summary>Computes the gradient of a sample's input.</summary>
    public void Backward(float* values, float* gradients, float* result) => _kernel.NormalizeBackward(
        values,
        gradients,
        _outputStride,
        result,
        _pixels,
        _channels,
        _center.Pointer,
        _scale.Pointer,
        _gradientMean.Pointer,
        _gradientSlope.Pointer);

    private ref Statistics Start(Worker worker)
    {
        ref Statistics group = ref _groups[worker.Group];
        if (worker.FirstOfGroup)
        {
            group.First ??= new double[_channels];
            group.Second ??= new double[_channels];
            group.First.AsSpan().Clear();
            group.Second.AsSpan().Clear();
            group.Count = 0;
        }

        return ref group;
    }

    /// <summary>For each channel, a mean and a sum of squared differences from it, or two sums.</summary>
    private struct Statistics
    {
        public double[] First;
        public double[] Second;
        public long Count;

        public void Merge(ReadOnlySpan<double> means, ReadOnlySpan<double> squares, long count)
        {
            double share = (double)count / (Count + count);
            for (int c = 0; c < First.Length; c++)
            {
                double difference = means[c] - First[c];
                First[c] += difference * share;
                Second[c] += squares[c] + difference * difference * Count * share;
            }

            Count += count;
        }
    }
}
