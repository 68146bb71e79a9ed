using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using SimNet.Embeddings;

namespace SimNet.Core;

/// <summary>
/// Reads images and labels from pairs of IDX files, the format of MNIST and similar data sets: a magic number (00 00 08, then the number of
/// dimensions), the big-endian sizes of the dimensions, and the bytes.
/// </summary>
internal static class IdxCatalogReader
{
    private const string ImagesSuffix = "images-idx3-ubyte";
    private const string LabelsSuffix = "labels-idx1-ubyte";

    /// <summary>The largest size of the data, which fits into one array and is larger than any common data set.</summary>
    private const long MaxBytes = 1L << 30;

    /// <summary>The largest number of images. Each becomes a product, which takes far more memory than a pixel.</summary>
    private const int MaxCount = 1 << 24;

    public static bool IsImageFile(string path)
    {
        string name = Path.GetFileName(path);
        return name.EndsWith(ImagesSuffix, StringComparison.Ordinal) || name.EndsWith(ImagesSuffix + ".gz", StringComparison.Ordinal);
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
                throw new CatalogFormatException(
                    labelFile, $"has {labelSize[0]} labels; expected {size[0]}, one for each image of '{imageFile}'.");
            }

            string name = Path.GetFileName(imageFile);
            string set = name[..name.IndexOf(ImagesSuffix, StringComparison.Ordinal)].TrimEnd('-');
            int length = size[1] * size[2];
            for (int i = 0; i < size[0]; i++)
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"{set}/{i:D5}");
                var image = new Image(size[2], size[1], channels: 1, pixels.AsSpan(i * length, length).ToArray());
                string category = labels[i].ToString(CultureInfo.InvariantCulture);
                products.Add(new Product(id, ImageSource.FromImage(id, image)) { Category = category });
            }
        }

        return new ProductCatalog(products);
    }

    private static string FindLabels(string folder, string imageFile)
    {
        string name = Path.GetFileName(imageFile).Replace(ImagesSuffix, LabelsSuffix, StringComparison.Ordinal);
        string plain = Path.Combine(folder, name);
        if (plain.EndsWith(".gz", StringComparison.Ordinal))
        {
            plain = plain[..^3];
        }

        return File.Exists(plain) ? plain
            : File.Exists(plain + ".gz") ? plain + ".gz"
            : throw new CatalogFormatException(
                imageFile, $"has no label file; expected '{Path.GetFileName(plain)}', optionally .gz, in the same folder.");
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
                throw new CatalogFormatException(
                    path,
                    $"starts with {Convert.ToHexString(word)}; expected {0x0800 + dimensions:X8} "
                        + $"(IDX, unsigned bytes, {dimensions} dimensions).");
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
                    throw new CatalogFormatException(
                        path,
                        $"has the size {size[i]} in dimension {i}; expected {(i > 0 ? 1 : 0)} to {MaxCount}, "
                            + $"and at most {MaxBytes} bytes in total.");
                }
            }

            // The buffer grows with the data, so that a damaged header does not allocate memory that the file does not fill.
            using var data = new MemoryStream();
            var buffer = new byte[1 << 16];
            int read;
            while (data.Length <= length && (read = stream.Read(buffer)) > 0)
            {
                data.Write(buffer, 0, read);
            }

            return data.Length == length ? (size, data.ToArray())
                : throw new CatalogFormatException(
                    path,
                    $"contains {(data.Length > length ? "more than " : "")}{Math.Min(data.Length, length)} bytes of data; "
                        + $"the header states {length}.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new CatalogFormatException(path, "is truncated or is not a valid gzip file.", exception);
        }
    }
}
