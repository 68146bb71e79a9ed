namespace SimNet.Benchmarks;

/// <summary>A child process did not start, or ended with an error.</summary>
internal sealed class ChildProcessException(string message, Exception? innerException = null) : Exception(message, innerException);
