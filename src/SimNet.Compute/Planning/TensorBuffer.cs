namespace SimNet.Compute;

/// <summary>
/// A tensor of an <see cref="ExecutionPlan"/>, channels last: an activation or a gradient. The plan allocates it from its liveness: one
/// sample for each worker, in memory shared with tensors that are not live at the same time, if the tensor lives within one stage;
/// otherwise the whole batch.
/// </summary>
internal sealed unsafe class TensorBuffer
{
    private readonly TensorBuffer? _whole;
    private readonly int _start;
    private PinnedBuffer<float>? _batch;

    /// <summary>A tensor with a shape, without gaps between pixels.</summary>
    public TensorBuffer(Shape shape)
        : this(shape.Length)
    {
        PixelStride = shape.Channels;
    }

    /// <summary>A tensor without a shape.</summary>
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

    /// <summary>Distance between consecutive pixels, in values.</summary>
    public int PixelStride { get; }

    /// <summary>Number of values of one sample.</summary>
    public int Length { get; }

    /// <summary>Distance between consecutive samples, in values.</summary>
    public int Stride { get; }

    /// <summary>The first and last step that use the tensor, and their stages; negative before its first use.</summary>
    public int FirstStep { get; private set; } = -1;

    public int LastStep { get; private set; } = -1;

    public int FirstStage { get; private set; } = -1;

    public int LastStage { get; private set; } = -1;

    /// <summary>Whether the tensor holds the whole batch.</summary>
    public bool IsBatch => FirstStage != LastStage;

    /// <summary>Offset in the memory of a worker, if the tensor does not hold the whole batch.</summary>
    public int Offset { get; set; }

    /// <summary>A view of <paramref name="length"/> values that start at <paramref name="channel"/> of each pixel.</summary>
    public TensorBuffer Part(int channel, int length) => new(this, channel, length);

    /// <summary>Records a use, which extends the lifetime of the tensor.</summary>
    public void Touch(int step, int stage)
    {
        if (_whole is not null)
        {
            _whole.Touch(step, stage);
            return;
        }

        if (FirstStep < 0)
        {
            FirstStep = step;
            FirstStage = stage;
        }

        LastStep = step;
        LastStage = stage;
    }

    /// <summary>Allocates a batch of this many samples.</summary>
    public void Reserve(int samples) => _batch = new PinnedBuffer<float>((long)samples * Stride);

    /// <summary>The values of a worker's current sample.</summary>
    public float* At(Worker worker) => _whole is not null ? _whole.At(worker) + _start
        : _batch is null ? worker.Memory + Offset
        : _batch.Pointer + (nint)worker.Sample * Stride;
}
