namespace SimNet.Core;

/// <summary>A file of a saved catalog.</summary>
internal sealed record CatalogFile(string Name, long Length, string Sha256);
