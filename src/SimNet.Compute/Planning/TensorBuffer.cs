namespace SimNet.Compute;

/// <summary>
/// One sample's values of one tensor of a <see cref="ExecutionPlan"/>: an activation or a gradient, channels last. The plan gives it a
/// place: one for each sample where it outlives the pass over a sample, otherwise one for each worker, shared with others.
/// </summary>
internal sealed unsafe class TensorBuffer
{
    private readonly TensorBuffer? _whole;
    private readonly int _start;
    private PinnedBuffer<float>? _batch;

    /// <summary>Values of a tensor's shape, without gaps between pixels.</summary>
    public TensorBuffer(Shape shape)
        : this(shape.Length)
    {
        PixelStride = shape.Channels;
    }

    /// <summary>Values without a shape.</summary>
    public TensorBuffer(int length)
    {
        PixelStride = 1;
        Length = length;
        Stride = checked(length + ElementKernel.Multiple - 1) / ElementKernel.Multiple * ElementKernel.Multiple;
    }

    private TensorBuffer(TensorBuffer whole, int start, int length)
    {
        _whole = whole;
        _start = start;
        PixelStride = whole.PixelStride;
        Length = length;
        Stride = length;
    }

    /// <summary>Values from one pixel to the next.</summary>
    public int PixelStride { get; }

    /// <summary>Number of values of a sample.</summary>
    public int Length { get; }

    /// <summary>Values from one sample to the next.</summary>
    public int Stride { get; }

    /// <summary>First and last step that touches it, and their passes; negative before any has.</summary>
    public int FirstStep { get; private set; } = -1;

    public int LastStep { get; private set; } = -1;

    public int FirstPass { get; private set; } = -1;

    public int LastPass { get; private set; } = -1;

    /// <summary>Whether every sample of the batch has a place of its own.</summary>
    public bool IsBatch => FirstPass != LastPass;

    /// <summary>Where it lies in a worker's memory, when it is no batch.</summary>
    public int Offset { get; set; }

    /// <summary>Some channels of this buffer, from <paramref name="channel"/> on; <paramref name="length"/> values.</summary>
    public TensorBuffer Part(int channel, int length) => new(this, channel, length);

    public void Touch(int step, int pass)
    {
        if (_whole is not null)
        {
            _whole.Touch(step, pass);
            return;
        }

        if (FirstStep < 0)
        {
            FirstStep = step;
            FirstPass = pass;
        }

        LastStep = step;
        LastPass = pass;
    }

    public void Reserve(int samples) => _batch = new PinnedBuffer<float>((long)samples * Stride);

    /// <summary>The values of the sample that a worker is at.</summary>
    public float* At(Worker worker) => _whole is not null ? _whole.At(worker) + _start
        : _batch is null ? worker.Memory + Offset
        : _batch.Pointer + (nint)worker.Sample * Stride;
}
