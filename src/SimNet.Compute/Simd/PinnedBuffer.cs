using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Compute;

/// <summary>
/// A pinned, zero-initialized array that starts at a multiple of 64 bytes. <see cref="Slack"/> values after the end are readable, since
/// vector loads may read past the end. The garbage collector frees it: code that uses <see cref="Pointer"/> must keep the buffer alive.
/// </summary>
internal sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    /// <summary>Number of readable values past the end.</summary>
    public const int Slack = 64;

    private readonly T[] _array;

    public PinnedBuffer(long length)
    {
        int alignment = 64 / sizeof(T);
        if (length > Array.MaxLength - Slack - alignment)
        {
            throw new ArgumentException(
                $"A buffer of {length} values is too large; expected at most {Array.MaxLength - Slack - alignment}. Use smaller batches.",
                nameof(length));
        }

        Length = (int)length;
        _array = GC.AllocateArray<T>(Length + Slack + alignment, pinned: true);
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
        Pointer = (T*)(address + 63 & ~63);
    }

    public T* Pointer { get; }

    public int Length { get; }

    public Span<T> Span => new(Pointer, Length);
}
