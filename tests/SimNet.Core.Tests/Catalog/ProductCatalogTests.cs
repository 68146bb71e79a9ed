using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Core.Tests;

public sealed class ProductCatalogTests
{
    [Fact]
    public void An_empty_or_missing_folder_throws()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains(
            "contains no catalog",
            Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "does not exist",
            Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(folder.File("nowhere"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void IDX_files_give_pixels_and_labels(bool compressed)
    {
        using var folder = new TemporaryFolder();
        WriteIdx(folder.File("t-images-idx3-ubyte"), compressed, [2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        WriteIdx(folder.File("t-labels-idx1-ubyte"), compressed, [2], [9, 0]);

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["t/00000", "t/00001"], catalog.Select(p => p.Id));
        Assert.Equal(["9", "0"], catalog.Select(p => p.Category));
        Embeddings.Image second = catalog[1].Images[0].Load();
        Assert.Equal((3, 2, 1), (second.Width, second.Height, second.Channels));
        Assert.Equal(new byte[] { 7, 8, 9, 10, 11, 12 }, second.Pixels.ToArray());
    }

    [Fact]
    public void A_damaged_IDX_file_throws_without_allocating_the_memory_it_declares()
    {
        using var folder = new TemporaryFolder();
        string images = folder.File("t-images-idx3-ubyte");
        WriteIdx(folder.File("t-labels-idx1-ubyte"), compressed: false, [2], [9, 0]);

        WriteIdx(images, compressed: false, [2, 20_000, 20_000], [1, 2, 3]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("contains 3 bytes", Problem(), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);

        WriteIdx(images, compressed: false, [2, 1, 1], [1, 2, 3]);
        Assert.Contains("more than 2 bytes", Problem(), StringComparison.Ordinal);
        WriteIdx(images, compressed: false, [-2, 1, 1], [1]);
        Assert.Contains("has the size -2 in dimension 0", Problem(), StringComparison.Ordinal);
        WriteIdx(images, compressed: false, [3, 1, 1], [1, 2, 3]);
        Assert.Contains("has 2 labels; expected 3", Problem(), StringComparison.Ordinal);
        File.WriteAllBytes(images, [0, 0, 8]);
        Assert.Contains("truncated", Problem(), StringComparison.Ordinal);
        File.WriteAllText(images, "no images at all");
        Assert.Contains("starts with 6E6F2069", Problem(), StringComparison.Ordinal);

        string Problem() => Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(folder.Path)).Message;
    }

    [Fact]
    public void A_split_depends_on_the_seed_and_is_stable_when_products_are_added()
    {
        ProductCatalog Catalog(int count) => new(Enumerable.Range(0, count).Select(i => new Product($"p{i}", "x.jpg")));

        (ProductCatalog train, ProductCatalog test) = Catalog(5000).Split(0.2, seed: 3);
        (_, ProductCatalog again) = Catalog(5000).Split(0.2, seed: 3);
        (_, ProductCatalog larger) = Catalog(6000).Split(0.2, seed: 3);
        (_, ProductCatalog other) = Catalog(5000).Split(0.2, seed: 4);

        Assert.Equal(5000, train.Count + test.Count);
        Assert.Empty(train.Select(p => p.Id).Intersect(test.Select(p => p.Id)));
        Assert.InRange(test.Count, 900, 1100); // 1000 expected, standard deviation 28
        Assert.Equal(test.Select(p => p.Id), again.Select(p => p.Id));
        Assert.Equal(test.Select(p => p.Id), larger.Select(p => p.Id).Take(test.Count));
        Assert.NotEqual(test.Select(p => p.Id), other.Select(p => p.Id));
    }

    [Fact]
    public void Duplicate_or_empty_IDs_and_products_without_images_throw()
    {
        Assert.Contains(
            "'a'",
            Assert.Throws<ArgumentException>(() => new ProductCatalog([new Product("a", "1.jpg"), new Product("a", "2.jpg")])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "no image",
            Assert.Throws<ArgumentException>(() => new ProductCatalog([new Product("a", [])])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "empty ID",
            Assert.Throws<ArgumentException>(() => new ProductCatalog([new Product(" ", "1.jpg")])).Message,
            StringComparison.Ordinal);
    }

    private static void WriteIdx(string path, bool compressed, int[] size, byte[] data)
    {
        var bytes = new byte[4 + (4 * size.Length) + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x0800 + size.Length);
        for (int i = 0; i < size.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), size[i]);
        }

        data.CopyTo(bytes, 4 + (4 * size.Length));
        using Stream file = File.Create(compressed ? path + ".gz" : path);
        using Stream stream = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(bytes);
    }

    [Fact]
    public void A_compressed_IDX_file_next_to_its_uncompressed_copy_is_ignored()
    {
        using var folder = new TemporaryFolder();
        foreach (bool compressed in (bool[])[false, true])
        {
            WriteIdx(folder.File("t-images-idx3-ubyte"), compressed, [2, 1, 1], [1, 2]);
            WriteIdx(folder.File("t-labels-idx1-ubyte"), compressed, [2], [9, 0]);
        }

        Assert.Equal(2, ProductCatalog.FromFolder(folder.Path).Count);
    }

    [Fact]
    public void Label_names_are_those_of_the_products()
    {
        Assert.Equal(["category", "parity"], SyntheticProducts.Line().LabelNames);
        Assert.Empty(new ProductCatalog([new Product("a", "x.jpg")]).LabelNames);
    }
}
