namespace SimNet.Models;

/// <summary>The checks of the callers' buffers.</summary>
internal static class BufferCheck
{
    public static void Count(int count)
    {
        if (count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "Expected at least one sample.");
        }
    }

    public static void Length(int length, int count, Shape shape, string argument)
    {
        if (length != (long)count * shape.Length)
        {
            throw new ArgumentException(
                $"{length} values for {count} samples of {shape}; expected {(long)count * shape.Length}.", argument);
        }
    }
}
