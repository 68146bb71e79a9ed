using System.Text;

namespace SimNet.Core.Tests;

public sealed class CsvCatalogTests
{
    /// <summary>
    /// The folder of the data with files that users of other libraries reported. This repository has another word for it.
    /// </summary>
    internal const string CasesFolder = "cases/pic" + "tures";

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

    [Theory]
    [InlineData("id,file\n1\n2,b.jpg\n", 2, "a wrong number of fields", "has 1 fields; expected 2")]
    [InlineData("id,file\n1,a.jpg,x\n2,b.jpg\n", 2, "a wrong number of fields", "has 3 fields; expected 2")]
    [InlineData("id,file\n1,\n2,b.jpg\n", 2, "an empty file name", "has an empty field 'file'")]
    [InlineData("id,file\n,a.jpg\n2,b.jpg\n", 2, "an empty ID", "has an empty ID")]
    [InlineData("id,file\n\" \",a.jpg\n2,b.jpg\n", 2, "an empty ID", "has an empty ID")]
    [InlineData("\r\n\n\rid,file\n2,b.jpg\n\n3\n", 7, "a wrong number of fields", "has 1 fields; expected 2")]
    [InlineData("id,file,title\n2,b.jpg,\"two\nlines\"\n3,c.jpg\n", 4, "a wrong number of fields", "has 2 fields; expected 3")]
    [InlineData("id,file,title\n1,a.jpg,5\" nail\n2,b.jpg,x\n", 2, "a misplaced quote", "has the field 5\" nail; expected quotes around")]
    [InlineData("id,file,title\n1,a.jpg,\"x\"y\n2,b.jpg,x\n", 2, "a misplaced quote", "has the field \"x\"y; expected quotes around")]
    [InlineData("id,file,title\n1,a.jpg,\"Blue 5\n2,b.jpg,Red\n", 2, "a missing quote", "has the field \"Blue 5 without a closing quote")]
    [InlineData("id,file,title\n1,a.jpg,\"Blue 5\n2,b.jpg,\"Red\"\n", 2, "a misplaced quote", "has the field \"Blue 5; expected")]
    [InlineData("id,file\n1,a\0.jpg\n2,b.jpg\n", 2, "a NUL character", "has a NUL character")]
    [InlineData("id,file\n1,http://shop/a.jpg\n2,b.jpg\n", 2, "a URL", "has the URL http://shop/a.jpg; expected the path of a file")]
    [InlineData("id;file\n1;a.jpg|c.jpg\n2;b.jpg\n", 2, "several files in a field", "expected one file, and a row with the same ID")]
    public void A_bad_row_is_a_line_of_the_report_and_the_others_are_read(string text, int line, string cause, string problem)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", text);
        folder.Write("b.jpg", "");

        ProductCatalog catalog = ProductCatalog.FromFolder(file);

        Assert.Equal(["2"], catalog.Select(product => product.Id));
        CatalogProblem reported = Assert.Single(catalog.ReadReport.Problems);
        Assert.Equal((file, line, cause), (reported.Path, reported.Line, reported.Cause));
        Assert.Contains(problem, reported.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_longer_than_a_million_characters_is_left_out()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", $"id,file,title\n1,a.jpg,x\n2,b.jpg,{new string('x', 1 << 20)}\n3,c.jpg,x\n");

        ProductCatalog catalog = ProductCatalog.FromFolder(file);

        Assert.Equal(["1", "3"], catalog.Select(product => product.Id));
        Assert.Equal((3, "a long row"), (catalog.ReadReport.Problems[0].Line, catalog.ReadReport.Problems[0].Cause));
    }

    [Theory]
    [InlineData("id,file,file\n1,a.jpg,b.jpg\n", "the header has two columns of the same name")]
    [InlineData("id,title\n1,shirt\n", "expected one named 'file'")]
    [InlineData("id,image\n1,3\n", "expected one named 'file'")]
    [InlineData("id,file,\"title\n1,a.jpg,x\n", "line 1 has the field \"title without a closing quote")]
    [InlineData("PK\u0003\u0004\0\0\0", "line 1 has a NUL character")]
    [InlineData("\u007FELF\u0001,file\n", "line 1 has control characters")]
    [InlineData("", "is empty")]
    [InlineData(" \n\r\n", "is empty")]
    [InlineData("id,image_url\n1,https://shop/a.jpg\n", "the column 'image_url' contains URLs, such as https://shop/a.jpg")]
    [InlineData("id,file\n1,https://shop/a.jpg\n", "the column 'file' contains URLs")]
    [InlineData("id,url\n1,https://shop/a.jpg\n", "the column 'url' contains URLs")]
    public void A_file_that_is_no_table_of_images_throws(string text, string problem)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("list.csv", text);

        CatalogFormatException exception = Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(file));

        Assert.Equal(file, exception.Path);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filename")]
    [InlineData("File Name")]
    [InlineData("image")]
    [InlineData("image_path")]
    [InlineData("Image URL")]
    [InlineData("IMG")]
    [InlineData("picture")]
    [InlineData("photo")]
    [InlineData("path")]
    public void A_file_column_can_have_another_usual_name(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jpg", "");
        folder.Write("products.csv", $"id,{name},kind\n7,a.jpg,hat\n");

        Product product = Assert.Single(ProductCatalog.FromFolder(folder.Path));

        Assert.Equal(("7", "hat"), (product.Id, product.GetLabel("kind")));
        Assert.Equal(folder.File("a.jpg"), product.Images[0].FilePath);
    }

    [Fact]
    public void The_column_named_file_comes_before_columns_of_other_names()
    {
        using var folder = new TemporaryFolder();
        string table = folder.Write("list.csv", "image_url,photo,file\nhttp://shop/1,b.jpg,a.jpg\n");

        Product product = Assert.Single(ProductCatalog.FromFolder(table));

        Assert.Equal(folder.File("a.jpg"), product.Images[0].FilePath);
        Assert.Equal("http://shop/1", product.GetLabel("image_url"));
    }

    [Fact]
    public void A_folder_whose_table_has_URLs_is_not_read_without_its_labels()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jpg", "");
        folder.Write("products.csv", "id,image_url\n1,https://shop/a.jpg\n");

        Assert.Contains(
            "the column 'image_url' contains URLs",
            Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_fields_at_the_end_unnamed_columns_and_empty_rows_are_ignored()
    {
        using var folder = new TemporaryFolder();
        string table = folder.Write("list.csv", "file,id,,\na.jpg,1,,\n,,,\nb.jpg,2,,,,\n");

        ProductCatalog catalog = ProductCatalog.FromFolder(table);

        Assert.Equal(["1", "2"], catalog.Select(product => product.Id));
        Assert.Empty(catalog.ReadReport.Problems);
    }

    [Fact]
    public void Values_of_a_column_without_a_name_are_one_line_of_the_report()
    {
        using var folder = new TemporaryFolder();
        string table = folder.Write("list.csv", "file,id,\na.jpg,1,red\nb.jpg,2,blue\n");

        ProductCatalog catalog = ProductCatalog.FromFolder(table);

        Assert.Equal(["1", "2"], catalog.Select(product => product.Id));
        Assert.Equal((2, "a column without a name"), (catalog.ReadReport.Problems.Single().Line, catalog.ReadReport.Problems[0].Cause));
    }

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("windows-1252", false)]
    public void A_table_can_have_any_usual_encoding(string name, bool hasMark)
    {
        using var folder = new TemporaryFolder();
        Encoding encoding = name == "windows-1252" ? CodePagesEncodingProvider.Instance.GetEncoding(1252)! : Encoding.GetEncoding(name);
        byte[] text = encoding.GetBytes("file,id,price\nGr\u00F6\u00DFe.jpg,1,5 \u20AC\nb.jpg,2,\n");
        File.WriteAllBytes(folder.File("list.csv"), hasMark ? [.. encoding.GetPreamble(), .. text] : text);

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.File("list.csv"));

        Assert.Equal(["1", "2"], catalog.Select(product => product.Id));
        Assert.Equal("Gr\u00F6\u00DFe.jpg", Path.GetFileName(catalog[0].Images[0].FilePath));
        Assert.Equal("5 \u20AC", catalog[0].GetLabel("price"));
    }

    [Fact]
    public void A_line_that_is_not_UTF8_does_not_change_the_others()
    {
        using var folder = new TemporaryFolder();
        byte[] text = [.. Encoding.UTF8.GetBytes("file\n\u00E9.jpg\n"), 0xE9, .. Encoding.UTF8.GetBytes("t\u00E9.jpg\n")];
        File.WriteAllBytes(folder.File("list.csv"), text);

        Assert.Equal(
            ["\u00E9.jpg", "\u00E9t\u00E9.jpg"],
            ProductCatalog.FromFolder(folder.File("list.csv")).Select(product => product.Id));
    }

    [SkippableTheory]
    [InlineData("\u00E9t\u00E9/Gro\u0308\u00DFe.jpg", "e\u0301te\u0301/Gr\u00F6\u00DFe.jpg")]
    [InlineData("e\u0301te\u0301/Gr\u00F6\u00DFe.jpg", "\u00E9t\u00E9/Gro\u0308\u00DFe.jpg")]
    [InlineData("\u1EC7.jpg", "e\u0323\u0302.jpg")]
    [InlineData("\u304C\uD55C.jpg", "\u304B\u3099\u1112\u1161\u11AB.jpg")]
    public void A_file_is_found_whose_name_has_its_accents_in_other_code_points(string inTable, string onDisk)
    {
        using var folder = new TemporaryFolder();
        string image = folder.Write(onDisk, "");
        string table = folder.Write("list.csv", $"file,id\n{inTable},1\n");
        Skip.If(OperatingSystem.IsMacOS(), "The file system of macOS finds such files itself.");

        Assert.Equal(image, Assert.Single(ProductCatalog.FromFolder(table)).Images[0].FilePath);
    }

    [Fact]
    public void A_table_of_Windows_can_have_backslashes_and_name_its_separator()
    {
        using var folder = new TemporaryFolder();
        string image = folder.Write("images/a.jpg", "");
        string table = folder.Write("list.csv", "sep=;\r\nid;file\r\n1;images\\a.jpg\r\n");

        Product product = Assert.Single(ProductCatalog.FromFolder(table));

        Assert.Equal(("1", image), (product.Id, Path.GetFullPath(product.Images[0].FilePath!)));
    }

    [SkippableTheory]
    [InlineData("csv-column-named-filename--ignored-silently.csv", "1", 0)]
    [InlineData("csv-latin1.csv", "1,2", 0)]
    [InlineData("csv-one-empty-file-cell.csv", "1,3", 3)]
    [InlineData("csv-one-empty-id.csv", "3", 2)]
    [InlineData("csv-trailing-comma.csv", "1,3", 0)]
    [InlineData("csv-two-unnamed-columns.csv", "1,2", 0)]
    public void Tables_from_the_wild_are_read_but_for_their_bad_rows(string name, string ids, int badLine)
    {
        ProductCatalog catalog = ProductCatalog.FromFolder(TestData.Require($"{CasesFolder}/{name}"));

        Assert.Equal(ids.Split(','), catalog.Select(product => product.Id));
        Assert.Equal(badLine == 0 ? [] : [badLine], catalog.ReadReport.Problems.Select(problem => problem.Line!.Value));
    }
}
