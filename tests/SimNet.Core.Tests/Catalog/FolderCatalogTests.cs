using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using SimNet.Embeddings;

namespace SimNet.Core.Tests;

public sealed class FolderCatalogTests
{
    /// <summary>The first bytes of a JPEG file, which make it an image whatever its name.</summary>
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16];

    [Fact]
    public void Images_at_any_depth_are_products_and_the_first_folder_is_the_category()
    {
        using var folder = new TemporaryFolder();
        folder.Write("shoes/1.jpg", "");
        folder.Write("shoes/notes.txt", "");
        folder.Write("shoes/summer/red/1.jpg", "");
        folder.Write("hats/1.PNG", "");
        folder.Write("loose.jpeg", "");

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["loose.jpeg", "hats/1.PNG", "shoes/1.jpg", "shoes/summer/red/1.jpg"], catalog.Select(p => p.Id));
        Assert.Equal([null, "hats", "shoes", "shoes"], catalog.Select(p => p.Category));
        Assert.Equal((1, "shoes/notes.txt"), (catalog.ReadReport.PassedOver, catalog.ReadReport.PassedOverExamples.Single()));
        Assert.Empty(catalog.ReadReport.Problems);
    }

    [SkippableTheory]
    [InlineData("a.jpe")]
    [InlineData("a.JFIF")]
    [InlineData("a.webp")]
    [InlineData("a.tiff")]
    [InlineData("a.jpg?v=2")]
    [InlineData("a.jpg%3Fv=2")]
    public void A_file_with_the_extension_of_an_image_is_a_product_whatever_it_contains(string name)
    {
        using var folder = new TemporaryFolder();
        Skip.If(OperatingSystem.IsWindows() && name.Contains('?', StringComparison.Ordinal), "Windows has no such names.");
        folder.Write(name, "<html>");

        Assert.Equal(name, Assert.Single(ProductCatalog.FromFolder(folder.Path)).Id);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a.txt")]
    [InlineData("a.jpg.1")]
    [InlineData(".a.jpg")]
    public void A_file_with_the_first_bytes_of_an_image_is_a_product_whatever_its_name(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(name), Jpeg);

        Assert.Equal(name, Assert.Single(ProductCatalog.FromFolder(folder.Path)).Id);
    }

    [Fact]
    public void Files_of_systems_and_hidden_folders_are_passed_over_and_counted()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jpg", "");
        foreach (string name in (string[])[".DS_Store", "Thumbs.db", "._a.jpg", "a.jpg.json", "empty"])
        {
            folder.Write(name, "");
        }

        foreach (string hidden in (string[])[".git", "__MACOSX", "sub/@eaDir"])
        {
            Directory.CreateDirectory(folder.File(hidden));
            File.WriteAllBytes(folder.File(hidden, "b.jpg"), Jpeg);
        }

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["a.jpg"], catalog.Select(product => product.Id));
        Assert.Equal(8, catalog.ReadReport.PassedOver);
        Assert.Equal([".DS_Store", "._a.jpg", "Thumbs.db", "a.jpg.json", "empty"], catalog.ReadReport.PassedOverExamples.ToArray());
        Assert.Empty(catalog.ReadReport.Problems);
    }

    [Fact]
    public void A_folder_without_images_throws_and_names_what_was_passed_over()
    {
        using var folder = new TemporaryFolder();
        folder.Write("notes.txt", "no image");

        Assert.Contains(
            "contains no catalog; expected a CSV file with a 'file' column, images, a folder of images for each category, or IDX files. "
                + "1 files are no images, such as notes.txt.",
            Assert.Throws<CatalogFormatException>(() => ProductCatalog.FromFolder(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Links_are_followed_once_and_circles_end()
    {
        using TemporaryFolder folder = new(), other = new();
        Skip.If(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        other.Write("deep/o.jpg", "");
        folder.Write("a/1.jpg", "");
        File.CreateSymbolicLink(folder.File("l.jpg"), folder.File("a", "1.jpg"));
        File.CreateSymbolicLink(folder.File("lost"), folder.File("nowhere"));
        File.CreateSymbolicLink(folder.File("self"), "self");
        Directory.CreateSymbolicLink(folder.File("a", "up"), "..");
        Directory.CreateSymbolicLink(folder.File("again"), other.Path);
        Directory.CreateSymbolicLink(other.File("back"), folder.Path);
        Directory.CreateSymbolicLink(folder.File("outside"), other.Path);
        Directory.CreateSymbolicLink(folder.File("top"), "/");

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.Equal(["l.jpg", "a/1.jpg", "again/deep/o.jpg"], catalog.Select(product => product.Id));
        Assert.Equal(
            [folder.File("lost"), folder.File("self"), folder.File("top")], catalog.ReadReport.Problems.Select(problem => problem.Path));
        Assert.Equal(["a/up/", "again/back/", "outside/"], catalog.ReadReport.PassedOverExamples.ToArray());
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void An_unreadable_subfolder_is_a_line_of_the_report()
    {
        using var folder = new TemporaryFolder();
        Skip.If(OperatingSystem.IsWindows(), "Windows has other permissions.");
        Skip.If(Environment.IsPrivilegedProcess, "root reads every folder.");
        folder.Write("a.jpg", "");
        folder.Write("lost+found/b.jpg", "");
        File.SetUnixFileMode(folder.File("lost+found"), UnixFileMode.None);
        try
        {
            ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

            Assert.Equal(["a.jpg"], catalog.Select(product => product.Id));
            CatalogProblem problem = Assert.Single(catalog.ReadReport.Problems);
            Assert.Equal((folder.File("lost+found"), "an unreadable folder"), (problem.Path, problem.Cause));
        }
        finally
        {
            File.SetUnixFileMode(folder.File("lost+found"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [SkippableFact]
    public async Task A_pipe_is_not_opened()
    {
        using var folder = new TemporaryFolder();
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Windows has no pipes in folders.");
        foreach (string name in (string[])["pipe", "pipe.jpg", "pipe.csv", "pipe-images-idx3-ubyte"])
        {
            Assert.Equal(0, MakePipe(folder.File(name), 0b110_100_100));
        }

        File.CreateSymbolicLink(folder.File("linked.jpg"), "pipe.jpg");
        folder.Write("table", "");
        Directory.CreateDirectory(folder.File("sub"));
        File.Move(folder.File("pipe-images-idx3-ubyte"), folder.File("sub", "pipe-images-idx3-ubyte"));

        ProductCatalog catalog = await Task.Run(() => ProductCatalog.FromFolder(folder.Path)).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(["linked.jpg", "pipe.jpg"], catalog.Select(product => product.Id));
        Assert.Equal(4, catalog.ReadReport.PassedOver);
        foreach (Product product in catalog)
        {
            ImageFormatException exception = await Assert.ThrowsAsync<ImageFormatException>(
                () => Task.Run(() => product.Images[0].Load()).WaitAsync(TimeSpan.FromMinutes(1)));
            Assert.Equal("an empty file", exception.Cause);
            Assert.Contains("empty, or a pipe", exception.Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Names_that_are_not_UTF8_are_reported_and_names_with_line_breaks_are_read()
    {
        using var folder = new TemporaryFolder();
        Skip.IfNot(OperatingSystem.IsLinux(), "Other systems have no such names.");
        folder.Write("a\nb.jpg", "");
        (int code, string output) = await ProgramRunner.RunAsync(
            "sh", "-c", $"cd '{folder.Path}' && mkdir \"$(printf 'd\\351')\" && : > \"$(printf 'Gr\\366\\337e.jpg')\"");
        Assert.True(code == 0, output);
        try
        {
            ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

            Assert.Equal(["a\nb.jpg"], catalog.Select(product => product.Id));
            Assert.Equal(
                ["a name that is not UTF-8", "a name that is not UTF-8"], catalog.ReadReport.Problems.Select(problem => problem.Cause));
        }
        finally
        {
            // .NET cannot delete such files either.
            await ProgramRunner.RunAsync("rm", "-r", folder.Path);
            Directory.CreateDirectory(folder.Path);
        }
    }

    [SkippableFact]
    public void Every_image_from_the_wild_is_a_product()
    {
        string cases = TestData.RequireFolder(CsvCatalogTests.CasesFolder);

        // Tables in the folder are catalogs of their own.
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(cases).Where(file => !file.EndsWith(".csv", StringComparison.Ordinal)))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        ProductCatalog catalog = ProductCatalog.FromFolder(folder.Path);

        Assert.NotNull(catalog.Find("folder-ignored-silently--jpeg.jpe"));
        Assert.Equal(
            folder.FileNames.Where(name => Path.GetExtension(name) is not (".md" or ".gz")).Order(StringComparer.Ordinal),
            catalog.Select(product => product.Id));
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakePipe(string path, uint mode);
}
