namespace SimNet.Models;

/// <summary>Limits for reading safetensors files, models and checkpoints that are not trusted.</summary>
public sealed record SafetensorsOptions
{
    /// <summary>The defaults.</summary>
    public static SafetensorsOptions Default { get; } = new();

    /// <summary>The longest header to read, in bytes; 100,000,000 by default, the format's own bound. At least 2.</summary>
    public long MaxHeaderBytes { get; init; } = 100_000_000;

    /// <summary>
    /// The largest file to read, in bytes; 4 GiB by default. The tensors take as much memory, twice as much for
    /// 16-bit types, four times as much for 8-bit ones, and up to 36 times for a model's tensors that are stored sparsely. At least 8.
    /// </summary>
    public long MaxBytes { get; init; } = 4L << 30;
}
