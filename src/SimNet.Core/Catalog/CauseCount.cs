using System.Collections.Immutable;

namespace SimNet.Core;

/// <summary>The number of failures with one cause.</summary>
/// <param name="Cause">The cause in a few words, such as "an HTML page".</param>
/// <param name="Count">The number of failures.</param>
public readonly record struct CauseCount(string Cause, int Count)
{
    internal static ImmutableArray<CauseCount> Of(IEnumerable<string> causes) =>
    [
        .. causes.CountBy(cause => cause, StringComparer.Ordinal).Select(cause => new CauseCount(cause.Key, cause.Value))
            .OrderByDescending(cause => cause.Count).ThenBy(cause => cause.Cause, StringComparer.Ordinal),
    ];
}
