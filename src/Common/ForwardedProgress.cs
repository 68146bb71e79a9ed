namespace SimNet;

/// <summary>Passes progress on where it happens; <see cref="Progress{T}"/> would post it elsewhere and lose its order.</summary>
internal sealed class ForwardedProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
