namespace SimNet.Models;

/// <summary>
/// Dropout of one channels-last sample. The mask is drawn anew on the way back instead of being kept: the same seed, step, sample and
/// layer give the same numbers on whatever thread. Each number of 64 bits decides over two values, its lower half first; a value is
/// dropped where the half is below the rate times 2^32.
/// </summary>
internal static unsafe class DropoutMask
{
    /// <summary>Keeps these numbers apart from others that are drawn from the same seed.</summary>
    public const long Stream = 2;

    /// <summary>Values on the way forward, gradients on the way back. In place is allowed.</summary>
    public static void Apply(Dropout dropout, int layer, Worker worker, float* values, float* result, int length)
        => Apply(dropout, layer, worker.Call.Seed, worker.Call.Step, worker.Sample, values, result, length);

    /// <summary>The same for a sample named by its place in the batch of a step.</summary>
    public static void Apply(Dropout dropout, int layer, int seed, long step, int sample, float* values, float* result, int length)
    {
        var random = new SeededRandom(Stream, seed, step, sample, layer);
        uint threshold = (uint)(dropout.Rate * (double)(1L << 32));
        float factor = (float)(1 / (1 - (double)dropout.Rate));
        ulong bits = 0;
        for (int i = 0; i < length; i++)
        {
            bits = (i & 1) == 0 ? random.NextUInt64() : bits >> 32;
            result[i] = (uint)bits < threshold ? 0 : values[i] * factor;
        }
    }
}
