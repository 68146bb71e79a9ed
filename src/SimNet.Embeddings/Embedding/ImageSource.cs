using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SimNet.Embeddings;

/// <summary>Where an image comes from: a file, a stream, bytes in memory, or pixels already decoded. Opened only when it is needed.</summary>
public abstract class ImageSource
{
    private protected ImageSource(string name) => Name = name;

    /// <summary>What messages and reports call it; a file's path as it was given.</summary>
    public string Name { get; }

    /// <summary>The file's path, absolute; null when the image is no file.</summary>
    public virtual string? FilePath => null;

    /// <summary>An image file.</summary>
    /// <param name="path">Path of a JPEG or PNG file (or whatever the decoder in use knows).</param>
    public static ImageSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FileImageSource(path);
    }

    /// <summary>An image read from a stream.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="open">Opens the stream, each time anew; the caller of it closes it.</param>
    public static ImageSource FromStream(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(open);
        return new StreamImageSource(name, open);
    }

    /// <summary>An encoded image in memory.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="data">The whole file.</param>
    public static ImageSource FromBytes(string name, ReadOnlyMemory<byte> data)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new BytesImageSource(name, data);
    }

    /// <summary>Pixels already decoded.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="image">The image.</param>
    public static ImageSource FromImage(string name, Image image)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(image);
        return new PixelImageSource(name, image);
    }

    /// <summary>An image file; so that a path can stand where an image is asked for.</summary>
    public static implicit operator ImageSource(string path) => FromFile(path);

    /// <summary>Reads and decodes the image.</summary>
    /// <param name="decoder">Decodes the bytes; <see cref="ImageDecoder.Default"/> when null.</param>
    /// <param name="options">Limits, checked before memory is taken; the defaults when null.</param>
    /// <exception cref="ImageFormatException">The bytes are no image, are damaged, or exceed a limit; the exception names the source.</exception>
    /// <exception cref="IOException">The bytes could not be read.</exception>
    public Image Load(IImageDecoder? decoder = null, ImageDecoderOptions? options = null)
    {
        try
        {
            return LoadCore(decoder ?? ImageDecoder.Default, options ?? ImageDecoderOptions.Default);
        }
        catch (ImageFormatException exception) when (exception.File is null)
        {
            throw exception.WithFile(Name);
        }
    }

    /// <summary>The same image in memory, read now but still encoded, so that it can be decoded often without the disk.</summary>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <returns>A source of the same name; this one when it lies in memory already.</returns>
    /// <exception cref="ImageFormatException">There are more bytes than a limit allows; the exception names the source.</exception>
    /// <exception cref="IOException">The bytes could not be read.</exception>
    public ImageSource Buffered(ImageDecoderOptions? options = null)
    {
        try
        {
            return BufferedCore(options ?? ImageDecoderOptions.Default);
        }
        catch (ImageFormatException exception) when (exception.File is null)
        {
            throw exception.WithFile(Name);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Adds what the image is made of to a hash: its bytes, or its size and pixels.</summary>
    internal virtual void AppendTo(IncrementalHash hash) => Buffered().AppendTo(hash);

    private protected abstract Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options);

    private protected abstract ImageSource BufferedCore(ImageDecoderOptions options);

    /// <summary>Reads a stream whole into a rented buffer, refusing it as soon as it is over the limit, and hands its bytes on.</summary>
    private static T Read<T>(Stream stream, ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
    {
        // A stream that knows its length is refused before anything is read.
        long length = stream.CanSeek ? stream.Length - stream.Position : -1;
        long limit = Math.Min(options.MaxBytes, Array.MaxLength - 1);
        if (length > limit)
        {
            throw new ImageFormatException($"The file has {length} bytes; at most {options.MaxBytes} are allowed.", 0);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Max(length + 1, 1 << 15));
        try
        {
            int read = 0;
            while (true)
            {
                int got = stream.Read(buffer, read, buffer.Length - read);
                if (got == 0)
                {
                    return use(buffer.AsSpan(0, read));
                }

                read += got;
                if (read > limit)
                {
                    throw new ImageFormatException($"The stream has more than the {options.MaxBytes} bytes that are allowed.", read);
                }

                if (read == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(checked((int)Math.Min(Array.MaxLength, 2L * read)));
                    buffer.AsSpan(0, read).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class FileImageSource(string path) : ImageSource(path)
    {
        public override string FilePath { get; } = Path.GetFullPath(path);

        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) => Read(options, data => decoder.Decode(data, options));

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) => Read(options, data => FromBytes(Name, data.ToArray()));

        private T Read<T>(ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
        {
            // Images are read whole, once, from the start: a buffer of the stream's own would only copy.
            using FileStream stream = Open();
            return ImageSource.Read(stream, options, use);
        }

        private FileStream Open()
        {
            try
            {
                return new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            }
            catch (UnauthorizedAccessException exception)
            {
                // A folder, or a file of somebody else's: one kind of failure with the others.
                throw new IOException(exception.Message, exception);
            }
        }
    }

    private sealed class StreamImageSource(string name, Func<Stream> open) : ImageSource(name)
    {
        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) => Read(options, data => decoder.Decode(data, options));

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) => Read(options, data => FromBytes(Name, data.ToArray()));

        private T Read<T>(ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
        {
            try
            {
                using Stream stream = open();
                return ImageSource.Read(stream, options, use);
            }
            catch (Exception exception) when (exception is not (ImageFormatException or IOException or OutOfMemoryException))
            {
                // Whatever stands behind the stream fails in its own ways; that it could not be read is all that matters here.
                throw new IOException($"{Name}: could not be read: {exception.Message}", exception);
            }
        }
    }

    private sealed class BytesImageSource(string name, ReadOnlyMemory<byte> data) : ImageSource(name)
    {
        internal override void AppendTo(IncrementalHash hash) => hash.AppendData(data.Span);

        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) => decoder.Decode(data.Span, options);

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) => data.Length <= options.MaxBytes
            ? this
            : throw new ImageFormatException($"The image has {data.Length} bytes; at most {options.MaxBytes} are allowed.", 0);
    }

    private sealed class PixelImageSource(string name, Image image) : ImageSource(name)
    {
        internal override void AppendTo(IncrementalHash hash)
        {
            Span<byte> size = stackalloc byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(size, image.Width);
            BinaryPrimitives.WriteInt32LittleEndian(size[4..], image.Height);
            BinaryPrimitives.WriteInt32LittleEndian(size[8..], image.Channels);
            hash.AppendData(size);
            hash.AppendData(image.Pixels);
        }

        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) => image;

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) => this;
    }
}
