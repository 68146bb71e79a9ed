namespace SimNet.Index;

/// <summary>How far <see cref="VectorIndex.Open"/> trusts a file.</summary>
public sealed record IndexOpenOptions
{
    /// <summary>
    /// Whether to read the whole file once and check every checksum and that every stored number is finite; true by default.
    /// Without it, opening does not read the vectors, so it takes as long for gigabytes as for kilobytes of them. The header and the
    /// structure of the trees are checked all the same: a damaged file may then give wrong neighbours or distances that are not
    /// numbers, but reads nothing outside its memory and always comes to an end.
    /// </summary>
    public bool VerifyContents { get; init; } = true;
}
