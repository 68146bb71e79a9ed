using ImageMagick;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.MagickNet;

/// <summary>
/// Decodes by ImageMagick what SimNet does not decode itself: WebP, AVIF, HEIC, GIF, BMP, TIFF, JPEG XL, JPEG 2000, icons, Photoshop
/// documents, and all kinds of JPEG and PNG. Of several frames or pages the first is read, of an icon the largest image.
/// </summary>
/// <remarks>
/// The first bytes alone decide on the format, and only these formats are ever read: no drawings, documents, scripts or addresses. The
/// first use lowers ImageMagick's limits for the whole process: nothing is kept on disk beyond memory, pixels have at most half of the
/// memory of the process, and an embedded profile at most 16 MiB. ImageMagick writes an AVIF or HEIC file to the folder for temporary files
/// while it reads it.
/// </remarks>
public sealed class MagickImageDecoder : IImageDecoder
{
    /// <summary>
    /// Gets a decoder for all formats: JPEG and PNG in managed code, and what that cannot read by ImageMagick. This is the one to use.
    /// </summary>
    public static ImageDecoder AllFormats { get; } = new(new MagickImageDecoder());

    /// <inheritdoc/>
    /// <exception cref="NativeLibraryException">ImageMagick cannot be loaded on this system.</exception>
    public Image Decode(ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (data.Length > options.MaxBytes)
        {
            throw new ImageFormatException($"The file has {data.Length} bytes; expected at most {options.MaxBytes}.", 0)
            {
                Cause = "too large",
            };
        }

        ImageFormat format = ImageSignature.Recognize(data);
        if (format == ImageFormat.Unknown)
        {
            string kind = ImageSignature.Describe(data);
            throw new ImageFormatException(
                $"The file is {kind} (it starts with {Convert.ToHexString(data[..Math.Min(data.Length, 8)])}); expected an image.", 0)
            {
                Cause = kind,
            };
        }

        if (format == ImageFormat.Icon)
        {
            ReadOnlySpan<byte> largest = IconDirectory.SelectLargest(data, out byte[] icon);
            if (ImageSignature.Recognize(largest) == ImageFormat.Png)
            {
                return ImageDecoder.Default.Decode(largest, options);
            }

            data = icon;
        }
        else if (format == ImageFormat.Photoshop)
        {
            data = PhotoshopDocument.Flatten(data, isWhole: options.Tolerance != DecodingTolerance.Salvage);
        }
        else if (format == ImageFormat.Bmp)
        {
            if (options.Tolerance != DecodingTolerance.Salvage)
            {
                BitmapFile.CheckRows(data);
            }

            data = BitmapFile.WithLength(data);
        }
        else if (format == ImageFormat.Jpeg2000)
        {
            Jpeg2000Codestream.CheckTiles(data);
        }

        return Guard(format, data, options);
    }

    /// <summary>Reads the image, and turns ImageMagick's exceptions into those of a decoder.</summary>
    private static Image Guard(ImageFormat format, ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        try
        {
            ProcessLimits.Apply();
            return Read(format, data, options);
        }
        catch (MagickException exception)
        {
            throw MagickMessage.ToImageFormatException(exception, format, data);
        }
        catch (Exception exception) when (exception
            is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Exception cause = exception is TypeInitializationException { InnerException: { } inner } ? inner : exception;
            throw new NativeLibraryException(
                "ImageMagick's native library cannot be loaded. The package Magick.NET-Q8-AnyCPU contains it for Windows, Linux and macOS "
                + $"on 64-bit processors. The loader reports: {cause.Message}",
                exception);
        }
    }

    private static Image Read(ImageFormat format, ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        // ImageMagick reads an explicitly named format with that format's code, whatever is in the data.
        var settings = new MagickReadSettings { Format = Coders.Of(format, data), FrameIndex = 0, FrameCount = 1 };
        using var image = new MagickImage();

        // The header is read first: its numbers are checked before memory is taken for the pixels.
        image.Ping(data, settings);
        long pixels = Math.Max((long)image.Width * image.Height, CanvasArea(format, image));
        if (pixels > options.MaxPixels)
        {
            throw new ImageFormatException(
                $"The image has {pixels} pixels ({image.Width}x{image.Height}); expected at most {options.MaxPixels}.", 0)
            {
                Cause = "too large",
            };
        }

        using IDisposable reservation = options.Memory.Reserve(Coders.EstimateMemory(format, pixels, data.Length));
        List<string> blemishes = [];
        bool isIncomplete = false;
        image.Warning += (_, warning) =>
        {
            string text = MagickMessage.Clean(warning.Message);
            isIncomplete |= MagickMessage.TellsOfMissingPixels(text);
            blemishes.Add($"{text}.");
        };
        image.Read(data, settings);
        if (isIncomplete && options.Tolerance != DecodingTolerance.Salvage)
        {
            throw MagickMessage.Incomplete(blemishes[^1], data.Length);
        }

        ToStandardColor(image, blemishes);
        if (blemishes.Count > 0 && options.Tolerance == DecodingTolerance.Strict)
        {
            throw new ImageFormatException($"The file has a blemish: {blemishes[0]}", 0);
        }

        image.AutoOrient();
        return PixelExport.ToImage(image, format, options.Background, blemishes);
    }

    /// <summary>The pixels of the canvas that the first frame of an animation is a part of; 0 for other formats.</summary>
    private static long CanvasArea(ImageFormat format, MagickImage image) =>
        format == ImageFormat.Gif ? (long)image.Page.Width * image.Page.Height : 0;

    /// <summary>
    /// Applies an embedded profile, without compensation of the black point, as browsers do, and converts what is neither gray nor RGB,
    /// such as CMYK.
    /// </summary>
    private static void ToStandardColor(MagickImage image, List<string> blemishes)
    {
        bool isGray = image.ColorSpace is ColorSpace.Gray or ColorSpace.LinearGray;
        if (image.GetColorProfile() is not null)
        {
            try
            {
                image.TransformColorSpace(ColorProfiles.SRGB, ColorTransformMode.HighRes);
            }
            catch (MagickException exception)
            {
                blemishes.Add($"The color profile is ignored: {MagickMessage.Clean(exception.Message)}.");
            }
        }

        image.ColorSpace = isGray ? ColorSpace.Gray : ColorSpace.sRGB;
    }
}
