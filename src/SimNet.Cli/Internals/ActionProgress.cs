namespace SimNet.Cli;

/// <summary>Passes progress on where it happens; <see cref="Progress{T}"/> would post it elsewhere and lose its order.</summary>
internal sealed class ActionProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
