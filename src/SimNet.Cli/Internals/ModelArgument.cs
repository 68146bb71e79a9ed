using System.Globalization;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>Reads what <c>--model</c> names: a model file, or the pixel baseline of a size as <c>pixels:16</c>.</summary>
internal static class ModelArgument
{
    private const string PixelPrefix = PixelModel.NetworkName + ":";

    public const string Description = "A model file, or pixels:SIZE for the baseline that compares thumbnails of that size pixel by pixel.";

    public static Model Load(string argument) =>
        !argument.StartsWith(PixelPrefix, StringComparison.Ordinal) || File.Exists(argument) ? Model.Load(argument)
        : int.TryParse(argument.AsSpan(PixelPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is >= 1 and <= 1024 ? PixelModel.Create(size)
        : throw new ArgumentException($"'{argument}' is no baseline; expected pixels:SIZE with a size from 1 to 1024.");
}
