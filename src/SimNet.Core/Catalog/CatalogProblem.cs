namespace SimNet.Core;

/// <summary>Something that was left out of a catalog because it could not be read: a row of a table, a file or a folder.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Line">The line of the file, from 1; <see langword="null"/> if it is not a row of a table.</param>
/// <param name="Cause">The cause in a few words, so that problems can be counted by cause, such as "an empty file name".</param>
/// <param name="Problem">The problem, with the value found and the value expected, without the path and the line.</param>
public sealed record CatalogProblem(string Path, int? Line, string Cause, string Problem);
