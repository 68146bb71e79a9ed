using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Reads images and labels from pairs of IDX files, the form in which MNIST and its kin are published: big-endian, a magic number
/// (00 00 08 and the number of dimensions), the dimensions, the bytes.
/// </summary>
internal static class IdxCatalogReader
{
    private const string ImagesMark = "images-idx3-ubyte";
    private const string LabelsMark = "labels-idx1-ubyte";

    /// <summary>More than any data set of this kind has, and well within what one array may hold.</summary>
    private const long MaxBytes = 1L << 30;

    /// <summary>The same of images: each becomes a product, which takes far more memory than a pixel.</summary>
    private const int MaxCount = 1 << 24;

    public static bool IsImageFile(string path)
    {
        string name = Path.GetFileName(path);
        return name.EndsWith(ImagesMark, StringComparison.Ordinal) || name.EndsWith(ImagesMark + ".gz", StringComparison.Ordinal);
    }

    public static ProductCatalog Read(IEnumerable<string> imageFiles)
    {
        var products = new List<Product>();
        foreach (string imageFile in imageFiles)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(imageFile))!;
            string labelFile = FindLabels(folder, imageFile);
            (int[] size, byte[] pixels) = ReadFile(imageFile, dimensions: 3);
            (int[] labelSize, byte[] labels) = ReadFile(labelFile, dimensions: 1);
            if (labelSize[0] != size[0])
            {
                throw new CatalogFormatException(labelFile, $"has {labelSize[0]} labels; expected {size[0]}, one for each image of '{imageFile}'.");
            }

            string name = Path.GetFileName(imageFile);
            string set = name[..name.IndexOf(ImagesMark, StringComparison.Ordinal)].TrimEnd('-');
            int length = size[1] * size[2];
            for (int i = 0; i < size[0]; i++)
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"{set}/{i:D5}");
                var image = new Image(size[2], size[1], channels: 1, pixels.AsSpan(i * length, length).ToArray());
                products.Add(new Product(id, ImageSource.FromImage(id, image)) { Category = labels[i].ToString(CultureInfo.InvariantCulture) });
            }
        }

        return new ProductCatalog(products);
    }

    private static string FindLabels(string folder, string imageFile)
    {
        string plain = Path.Combine(folder, Path.GetFileName(imageFile).Replace(ImagesMark, LabelsMark, StringComparison.Ordinal));
        if (plain.EndsWith(".gz", StringComparison.Ordinal))
        {
            plain = plain[..^3];
        }

        return File.Exists(plain) ? plain
            : File.Exists(plain + ".gz") ? plain + ".gz"
            : throw new CatalogFormatException(imageFile, $"has no labels beside it; expected '{Path.GetFileName(plain)}', .gz allowed.");
    }

    private static (int[] Size, byte[] Data) ReadFile(string path, int dimensions)
    {
        using Stream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        try
        {
            Span<byte> word = stackalloc byte[4];
            stream.ReadExactly(word);
            if (BinaryPrimitives.ReadInt32BigEndian(word) != 0x0800 + dimensions)
            {
                throw new CatalogFormatException(path, $"starts with {Convert.ToHexString(word)}; expected {0x0800 + dimensions:X8} (IDX, unsigned bytes, {dimensions} dimensions).");
            }

            var size = new int[dimensions];
            long length = 1;
            for (int i = 0; i < dimensions; i++)
            {
                stream.ReadExactly(word);
                size[i] = BinaryPrimitives.ReadInt32BigEndian(word);
                length = size[i] is >= 0 and <= MaxCount ? length * size[i] : long.MaxValue;
                if (length > MaxBytes || (i > 0 && size[i] == 0))
                {
                    throw new CatalogFormatException(path, $"dimension {i} is {size[i]}; expected {(i > 0 ? 1 : 0)} to {MaxCount}, and at most {MaxBytes} bytes in all.");
                }
            }

            // Grown as data comes, so that a header cannot ask for memory that the file does not fill.
            using var data = new MemoryStream();
            var buffer = new byte[1 << 16];
            int got;
            while (data.Length <= length && (got = stream.Read(buffer)) > 0)
            {
                data.Write(buffer, 0, got);
            }

            return data.Length == length ? (size, data.ToArray())
                : throw new CatalogFormatException(path, $"holds {(data.Length > length ? "more than " : "")}{Math.Min(data.Length, length)} bytes of data; its header says {length}.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new CatalogFormatException(path, "is cut short or is no valid gzip file.", exception);
        }
    }
}
