namespace SimNet.Index;

/// <summary>Options for <see cref="VectorIndex.Open"/>.</summary>
public sealed record IndexOpenOptions
{
    /// <summary>
    /// Whether to read the whole file and verify every checksum and that every stored value is finite; <see langword="true"/> by default.
    /// If <see langword="false"/>, opening does not read the vectors and takes the same time for gigabytes as for kilobytes. The header and
    /// the sizes of all sections are checked in any case: searching a damaged file may return wrong neighbors or distances that are NaN,
    /// but reads nothing outside the file and always terminates.
    /// </summary>
    public bool VerifyContents { get; init; } = true;
}
