using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Compute;

/// <summary>
/// Values at a fixed address, a multiple of 64 bytes, zero at first. As many values as a vector load may reach past the end
/// (<see cref="Slack"/>) are readable behind them. The collector frees it: whoever uses <see cref="Pointer"/> keeps the buffer alive.
/// </summary>
internal sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    /// <summary>Readable values past the end.</summary>
    public const int Slack = 64;

    private readonly T[] _array;

    public PinnedBuffer(long length)
    {
        int alignment = 64 / sizeof(T);
        if (length > Array.MaxLength - Slack - alignment)
        {
            throw new ArgumentException($"A buffer of {length} values is needed; at most {Array.MaxLength - Slack - alignment} are possible. Use smaller batches.", nameof(length));
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
