using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Core.Tests;

public sealed class ProductCatalogTests
{
    [Fact]
    public void A_CSV_file_gives_IDs_categories_attributes_and_several_images_per_product()
    {
        using var folder = new TemporaryFolder();
        folder.Write("styles.csv", string.Join('\n',
            "id,file,category,title",
            "7,images/a.jpg,Shirts,\"Blue, with \"\"cuffs\"\"\"",
            "8,images/b.jpg,,",
            "7,images/c.jpg,Shirts,second image"));

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["7", "8"], catalog.Select(p => p.Id));
        Assert.Equal([folder.File("images", "a.jpg"), folder.File("images", "c.jpg")], catalog[0].Images.Select(p => p.FilePath));
        Assert.Equal("Shirts", catalog[0].Category);
        Assert.Equal("Blue, with \"cuffs\"", catalog[0].GetLabel("title"));
        Assert.Equal("Shirts", catalog[0].GetLabel("category"));
        Assert.Null(catalog[1].Category);
        Assert.Null(catalog[1].GetLabel("title"));
    }

    [Fact]
    public void Without_an_ID_column_the_file_is_the_ID()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", "File,kind\nx/1.png,hat\n");

        Product product = Assert.Single(ProductCatalog.FromFolder(file));

        Assert.Equal("x/1.png", product.Id);
        Assert.Equal("hat", product.GetLabel("kind"));
    }

    [Theory]
    [InlineData("id,file,title\r\n1,a.jpg,x y\r\n")]
    [InlineData("id;file;title\n1;a.jpg;x y")]
    [InlineData("id\tfile\ttitle\n1\ta.jpg\tx y\n\n  \n")]
    [InlineData("\n \r\n\t\rid,file,title\n1,a.jpg,x y\n")]
    [InlineData("\uFEFF\r\n\r\nid\tfile\ttitle\r\n1\ta.jpg\tx y\r\n")]
    [InlineData("\uFEFFid, file ,title\n\n 1 ,a.jpg, \"x y\" \n")]
    [InlineData("\uFEFF\"id\",\"file\",\"title\"\n\"1\",\"a.jpg\",\"x y\"\n")]
    public void A_CSV_file_can_have_other_separators_line_endings_blanks_and_quotes(string text)
    {
        using var folder = new TemporaryFolder();

        Product product = Assert.Single(ProductCatalog.FromFolder(folder.Write("list.csv", text)));

        Assert.Equal("1", product.Id);
        Assert.Equal(folder.File("a.jpg"), Assert.Single(product.Images).FilePath);
        Assert.Equal("x y", product.GetLabel("title"));
    }

    [Fact]
    public void A_quoted_CSV_field_can_contain_separators_quotes_and_line_breaks()
    {
        using var folder = new TemporaryFolder();
        string text = "id,file,title,note\r\n1,a.jpg,\"one, \"\"two\"\"\r\nthree\",\"\"\r\n2,b.jpg,\"\"\"four\"\"\",x\r\n";

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Write("list.csv", text));

        Assert.Equal(["one, \"two\"\r\nthree", "\"four\""], catalog.Select(product => product.GetLabel("title")));
        Assert.Equal([null, "x"], catalog.Select(product => product.GetLabel("note")));
    }

    [Fact]
    public void A_CSV_file_can_have_only_a_file_column_in_any_case()
    {
        using var folder = new TemporaryFolder();

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Write("list.csv", "FILE\na.jpg\nb.jpg\n"));

        Assert.Equal(["a.jpg", "b.jpg"], catalog.Select(product => product.Id));
    }

    [Fact]
    public void A_CSV_row_longer_than_a_million_characters_throws()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", $"id,file,title\n1,a.jpg,x\n2,b.jpg,{new string('x', 1 << 20)}\n");

        Assert.Contains(
            "the row at line 3 is longer",
            Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(file)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,file\n1\n", "line 2 has 1 fields; expected 2")]
    [InlineData("id,file\n1,\n", "line 2 has an empty file")]
    [InlineData("id,file\n,a.jpg\n", "line 2 has an empty ID")]
    [InlineData("id,file,file\n1,a.jpg,b.jpg\n", "the header has two columns of the same name")]
    [InlineData("id,image\n1,a.jpg\n", "expected one named 'file'")]
    [InlineData("", "is empty")]
    [InlineData(" \n\r\n", "is empty")]
    [InlineData("\r\n\n\rid,file\n1,a.jpg\n\n2\n", "line 7 has 1 fields; expected 2")]
    [InlineData("id,file,title\n1,a.jpg,\"two\nlines\"\n2,b.jpg\n", "line 4 has 2 fields; expected 3")]
    [InlineData("id,file,title\n1,a.jpg,5\" nail\n2,b.jpg,x\n", "line 2 has the field 5\" nail...; expected quotes around the whole field")]
    [InlineData("id,file,title\n1,a.jpg,\"x\"y\n", "line 2 has the field \"x\"y; expected quotes around the whole field")]
    [InlineData("id,file,title\n\n1,a.jpg,\"x\ny\"\n2,b.jpg,\"z\n", "line 5 has the field \"z...; expected quotes around the whole field")]
    [InlineData("id,file,\"title\n1,a.jpg,x\n", "line 1 has the field \"title...; expected quotes around the whole field")]
    public void A_damaged_CSV_file_throws_with_the_line_number(string text, string problem)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", text);

        CatalogFormatException exception = Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(file));

        Assert.Equal(file, exception.Path);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subfolders_are_categories_and_other_files_are_ignored()
    {
        using var folder = new TemporaryFolder();
        folder.Write("shoes/1.jpg", "");
        folder.Write("shoes/notes.txt", "");
        folder.Write("hats/1.PNG", "");
        folder.Write("loose.jpeg", "");

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["loose.jpeg", "hats/1.PNG", "shoes/1.jpg"], catalog.Select(p => p.Id));
        Assert.Equal([null, "hats", "shoes"], catalog.Select(p => p.Category));
    }

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
    public void A_missing_closing_quote_throws()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", "id,file,title\n1,a.png,\"Blue 5\n2,b.png,Red\n3,c.png,Green\n");

        Assert.Equal(file, Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(file)).Path);
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
