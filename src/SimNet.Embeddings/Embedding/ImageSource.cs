using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SimNet.Embeddings;

/// <summary>The source of an image: a file, a stream, bytes in memory or decoded pixels. It is opened only when it is needed.</summary>
public abstract class ImageSource
{
    private protected ImageSource(string name) => Name = name;

    /// <summary>Gets the name of the image in messages and reports; for a file, the path as given.</summary>
    public string Name { get; }

    /// <summary>Gets the absolute path of the file; null if the image is not a file.</summary>
    public virtual string? FilePath => null;

    /// <summary>Creates a source for an image file.</summary>
    /// <param name="path">The path of a JPEG or PNG file, or of another format that the decoder supports.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="path"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="path"/> is blank.</exception>
    public static ImageSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FileImageSource(path);
    }

    /// <summary>Creates a source for an image in a stream.</summary>
    /// <param name="name">The name of the image in messages and reports.</param>
    /// <param name="open">Opens a new stream at each call. The source closes it.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> or <paramref name="open"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is blank.</exception>
    public static ImageSource FromStream(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(open);
        return new StreamImageSource(name, open);
    }

    /// <summary>Creates a source for an encoded image in memory.</summary>
    /// <param name="name">The name of the image in messages and reports.</param>
    /// <param name="data">The bytes of the whole file, which are not copied.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is blank.</exception>
    public static ImageSource FromBytes(string name, ReadOnlyMemory<byte> data)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new BytesImageSource(name, data);
    }

    /// <summary>Creates a source for decoded pixels.</summary>
    /// <param name="name">The name of the image in messages and reports.</param>
    /// <param name="image">The image.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> or <paramref name="image"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is blank.</exception>
    public static ImageSource FromImage(string name, Image image)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(image);
        return new PixelImageSource(name, image);
    }

    /// <summary>Converts the path of an image file to a source.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>The source.</returns>
    public static implicit operator ImageSource(string path) => FromFile(path);

    /// <summary>Reads and decodes the image.</summary>
    /// <param name="decoder">The decoder, or null for <see cref="ImageDecoder.Default"/>.</param>
    /// <param name="options">Limits, checked before memory is allocated, or null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageFormatException">
    /// The bytes are not an image, are damaged, or exceed a limit, memory does not suffice, or the decoder throws any other exception,
    /// which is the inner one; the exception names the source.
    /// </exception>
    /// <exception cref="IOException">The bytes cannot be read.</exception>
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
        catch (OutOfMemoryException exception)
        {
            throw TooLarge(exception);
        }
    }

    /// <summary>Reads the encoded image into memory, so that it can be decoded repeatedly without access to the disk.</summary>
    /// <param name="options">Limits, or null for the defaults.</param>
    /// <returns>A source in memory with the same name; this source if it is in memory already.</returns>
    /// <exception cref="ImageFormatException">
    /// The file is empty, the number of bytes exceeds the limit, or memory does not suffice; the exception names the source.
    /// </exception>
    /// <exception cref="IOException">The bytes cannot be read.</exception>
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
        catch (OutOfMemoryException exception)
        {
            throw TooLarge(exception);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Appends the content of the image to a hash: its bytes, or its size and pixels.</summary>
    internal virtual void AppendTo(IncrementalHash hash) => Buffered().AppendTo(hash);

    private protected abstract Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options);

    private protected abstract ImageSource BufferedCore(ImageDecoderOptions options);

    /// <summary>Decodes an image. One image that the decoder fails on, in whatever way, must not end a run of many.</summary>
    private static Image Decode(IImageDecoder decoder, ReadOnlySpan<byte> data, ImageDecoderOptions options)
    {
        try
        {
            return decoder.Decode(data, options);
        }
        catch (Exception exception) when (exception
            is not (ImageFormatException or IOException or OutOfMemoryException or OperationCanceledException))
        {
            throw new ImageFormatException(
                $"The decoder {decoder.GetType().Name} failed with {exception.GetType().Name}: {exception.Message}", 0, null, exception)
            {
                Cause = "an error of the decoder",
            };
        }
    }

    private ImageFormatException TooLarge(OutOfMemoryException exception) =>
        new("The image needs more memory than there is.", 0, Name, exception) { Cause = "too large" };

    /// <summary>Reads a whole stream into a rented buffer and passes it on. Throws as soon as the limit is exceeded.</summary>
    private static T Read<T>(Stream stream, ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
    {
        // A stream that knows its length is checked before anything is read.
        long length = stream.CanSeek ? stream.Length - stream.Position : -1;
        long limit = Math.Min(options.MaxBytes, Array.MaxLength - 1);
        if (length > limit)
        {
            throw new ImageFormatException($"The file has {length} bytes; expected at most {options.MaxBytes}.", 0) { Cause = "too large" };
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
                    throw new ImageFormatException($"The stream has at least {read} bytes; expected at most {options.MaxBytes}.", read)
                    {
                        Cause = "too large",
                    };
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

        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) =>
            Read(options, data => Decode(decoder, data, options));

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) =>
            Read(options, data => FromBytes(Name, data.ToArray()));

        private T Read<T>(ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
        {
            // A file is read once, from start to end: a buffer in the stream would only add a copy.
            using FileStream stream = Open();
            return ImageSource.Read(stream, options, use);
        }

        private FileStream Open()
        {
            if (FileContent.IsNone(FilePath))
            {
                throw new ImageFormatException("The file is empty, or a pipe, a socket or a device; expected an image.", 0)
                {
                    Cause = ImageSignature.Describe([]),
                };
            }

            try
            {
                return new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            }
            catch (UnauthorizedAccessException exception)
            {
                // A folder, or a file without permission: reported like other read failures.
                throw new IOException(exception.Message, exception);
            }
        }
    }

    private sealed class StreamImageSource(string name, Func<Stream> open) : ImageSource(name)
    {
        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) =>
            Read(options, data => Decode(decoder, data, options));

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) =>
            Read(options, data => FromBytes(Name, data.ToArray()));

        private T Read<T>(ImageDecoderOptions options, Func<ReadOnlySpan<byte>, T> use)
        {
            try
            {
                using Stream stream = open();
                return ImageSource.Read(stream, options, use);
            }
            catch (Exception exception) when (exception is not (ImageFormatException or IOException or OutOfMemoryException))
            {
                // The stream can be of any kind and fail in any way; the caller needs one exception for a failed read.
                throw new IOException($"{Name}: cannot be read: {exception.Message}", exception);
            }
        }
    }

    private sealed class BytesImageSource(string name, ReadOnlyMemory<byte> data) : ImageSource(name)
    {
        internal override void AppendTo(IncrementalHash hash) => hash.AppendData(data.Span);

        private protected override Image LoadCore(IImageDecoder decoder, ImageDecoderOptions options) =>
            Decode(decoder, data.Span, options);

        private protected override ImageSource BufferedCore(ImageDecoderOptions options) => data.Length <= options.MaxBytes
            ? this
            : throw new ImageFormatException($"The image has {data.Length} bytes; expected at most {options.MaxBytes}.", 0)
            {
                Cause = "too large",
            };
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
