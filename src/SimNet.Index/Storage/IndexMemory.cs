using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>
/// The memory of an index: allocated blocks or a mapped file. As a safe handle it counts its users, so that disposing an index during a
/// search frees the memory only when the last search has ended.
/// </summary>
internal sealed unsafe class IndexMemory : SafeHandle
{
    // A cache line, and the widest vector register.
    private const int BlockAlignment = 64;

    private readonly List<nint> _blocks = [];
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private long _bytes;
    private volatile bool _isDisposed;

    public IndexMemory()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(1);
    }

    private IndexMemory(MemoryMappedFile file, MemoryMappedViewAccessor view)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _file = file;
        _view = view;
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        SetHandle((nint)(start + view.PointerOffset));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte of a mapped file.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Maps an open, non-empty file for reading. The stream is closed together with the memory.</summary>
    public static IndexMemory Map(FileStream stream)
    {
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(
                stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            return new IndexMemory(file, view);
        }
        catch
        {
            view?.Dispose();
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Allocates a block of uninitialized items, aligned to a cache line, that lives as long as this object.</summary>
    public T* Allocate<T>(long count)
        where T : unmanaged
    {
        long bytes = checked(count * Unsafe.SizeOf<T>());
        if (bytes == 0)
        {
            return null;
        }

        bool isLarge = bytes >= HugePages.WorthwhileBytes;
        var block = (nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(isLarge ? HugePages.Size : BlockAlignment));
        if (isLarge)
        {
            HugePages.Request((void*)block, bytes);
        }

        _blocks.Add(block);
        _bytes += bytes;
        GC.AddMemoryPressure(bytes);
        return (T*)block;
    }

    /// <summary>Keeps the memory alive until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    public Lease Enter(IVectorIndex owner)
    {
        // The base class throws only after the last user has left: overlapping searches would keep each other alive indefinitely.
        ObjectDisposedException.ThrowIf(_isDisposed, owner);
        bool inside = false;
        DangerousAddRef(ref inside);
        return new Lease(this);
    }

    /// <summary>One use of the memory.</summary>
    public readonly ref struct Lease(IndexMemory memory)
    {
        public void Dispose() => memory.DangerousRelease();
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        if (_bytes > 0)
        {
            GC.RemoveMemoryPressure(_bytes);
        }

        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }

        return true;
    }
}
