using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.MagickNet;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The options of every command that reads images: how they are decoded, and what it means if some cannot be.</summary>
internal sealed class ImageOptions
{
    private const long PixelsPerMegapixel = 1_000_000;

    private readonly Option<double?> _maxMegapixels = new("--max-megapixels")
    {
        CustomParser = ParseMegapixels,
        HelpName = "N",
        Description = "The largest image to decode, in millions of pixels; 64 by default.",
    };

    private readonly Option<DecodingTolerance> _tolerance = new("--tolerance")
    {
        DefaultValueFactory = _ => DecodingTolerance.Lenient,
        Description = "Which blemishes of image files to accept: lenient reads whole images as browsers do, strict only files without "
            + "any blemish, salvage also what is left of damaged images.",
    };

    private readonly Option<RgbColor?> _background = new("--background")
    {
        CustomParser = ParseColor,
        HelpName = "#RRGGBB",
        Description = "The color behind transparent pixels; by default white, or black if the image would be blank on white.",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="readsMany">Whether the command reads many images, of which it leaves out the ones that cannot be read.</param>
    public ImageOptions(Command command, bool readsMany)
    {
        command.Options.Add(_maxMegapixels);
        command.Options.Add(_tolerance);
        command.Options.Add(_background);
        if (readsMany)
        {
            command.Options.Add(CommandRunner.Strict);
        }
    }

    /// <summary>The decoder of all commands.</summary>
    public static IImageDecoder Decoder => MagickImageDecoder.AllFormats;

    /// <summary>Creates the options of the decoder.</summary>
    public ImageDecoderOptions CreateDecoderOptions(ParseResult result)
    {
        ImageDecoderOptions options = ImageDecoderOptions.Default with
        {
            Tolerance = result.GetValue(_tolerance),
            Background = result.GetValue(_background),
        };
        if (result.GetValue(_maxMegapixels) is not double megapixels)
        {
            return options;
        }

        // Whoever allows more pixels expects larger files as well. Few have more than 4 bytes a pixel.
        long pixels = Math.Max(1, (long)(megapixels * PixelsPerMegapixel));
        return options with { MaxPixels = pixels, MaxBytes = Math.Max(options.MaxBytes, 4 * pixels) };
    }

    /// <summary>Creates the options of an embedder.</summary>
    public ImageEmbedderOptions CreateEmbedderOptions(ParseResult result, IInferenceBackend? backend) => new()
    {
        Backend = backend,
        Decoder = Decoder,
        DecoderOptions = CreateDecoderOptions(result),
    };

    /// <summary>Creates the options of the search for products that show the same image.</summary>
    public NearDuplicateOptions CreateNearDuplicateOptions(ParseResult result) =>
        new() { Decoder = Decoder, DecoderOptions = CreateDecoderOptions(result) };

    private static double? ParseMegapixels(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value is > 0 and <= 2000)
        {
            return value;
        }

        argument.AddError($"--max-megapixels is '{text}'; expected a number above 0, at most 2000.");
        return null;
    }

    private static RgbColor? ParseColor(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (text is ['#', .. { Length: 6 } digits]
            && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
        {
            return new RgbColor((byte)(value >> 16), (byte)(value >> 8), (byte)value);
        }

        argument.AddError($"--background is '{text}'; expected a color such as #f0f0f0.");
        return null;
    }
}
