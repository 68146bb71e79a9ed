using System.Collections.Immutable;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>An image that was skipped because it could not be read or embedded.</summary>
/// <param name="ProductId">The ID of the product that the image belongs to.</param>
/// <param name="Image">The name of the image: for a file, its path.</param>
/// <param name="Cause">
/// The cause in a few words, so that failures can be counted by cause: <see cref="ImageFormatException.Cause"/>, or "a missing file", "an
/// unreadable file", or "a vector that is not finite".
/// </param>
/// <param name="Problem">The reason, for people to read.</param>
public sealed record ImageFailure(string ProductId, string Image, string Cause, string Problem)
{
    /// <summary>Counts failures by their cause.</summary>
    /// <param name="failures">The failures.</param>
    /// <returns>The causes, the most frequent first; causes that are equally frequent are in alphabetical order.</returns>
    public static ImmutableArray<CauseCount> CountByCause(IEnumerable<ImageFailure> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        return CauseCount.Of(failures.Select(failure => failure.Cause));
    }

    /// <summary>Creates the failure for an error of <see cref="ImageSource.Load"/> or of an embedding.</summary>
    internal static ImageFailure From(string productId, ImageSource image, Exception error) => new(
        productId,
        image.Name,
        error switch
        {
            ImageFormatException format => format.Cause,
            FileNotFoundException or DirectoryNotFoundException => "a missing file",
            NotFiniteNumberException => NotFinite,
            _ => "an unreadable file",
        },
        error.Message);

    /// <summary>The cause of an image without a vector that an index can hold.</summary>
    internal const string NotFinite = "a vector that is not finite";
}
