namespace SimNet;

/// <summary>
/// Reports progress synchronously; <see cref="Progress{T}"/> posts reports to another thread, where they can arrive out of order.
/// </summary>
internal sealed class ForwardedProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
