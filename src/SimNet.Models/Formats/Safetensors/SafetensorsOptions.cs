namespace SimNet.Models;

/// <summary>Limits for reading untrusted safetensors files, models, and checkpoints.</summary>
public sealed record SafetensorsOptions
{
    /// <summary>The defaults.</summary>
    public static SafetensorsOptions Default { get; } = new();

    /// <summary>The largest header in bytes; 100,000,000 by default, which is the limit of the format. At least 2.</summary>
    public long MaxHeaderBytes { get; init; } = 100_000_000;

    /// <summary>
    /// The largest file in bytes; 4 GiB by default. At least 8. The tensors take as much memory as the file, two times as much for 16-bit
    /// types, four times as much for 8-bit types, and up to 36 times as much for sparse tensors of a model.
    /// </summary>
    public long MaxBytes { get; init; } = 4L << 30;
}
