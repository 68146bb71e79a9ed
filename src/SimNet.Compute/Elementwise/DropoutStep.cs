namespace SimNet.Compute;

/// <summary>Dropout of a worker's current sample: of its values in the forward pass, of their gradients in the backward pass.</summary>
internal static unsafe class DropoutStep
{
    public static void Run(Dropout dropout, int layer, Worker worker, float* values, float* result, int length) => DropoutMask.Apply(
        dropout,
        layer,
        worker.Call.Seed,
        worker.Call.Step,
        worker.Sample,
        new ReadOnlySpan<float>(values, length),
        new Span<float>(result, length));
}
