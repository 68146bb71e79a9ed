using System.IO.Compression;
using System.Xml.Linq;

namespace SimNet.Core.Tests;

public sealed class PackageTests
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    [Fact]
    public async Task The_package_contains_its_readme_license_tags_docs_and_dependencies()
    {
        using var folder = new TemporaryFolder();

        (int code, string output) = await ProgramRunner.RunAsync(
            "dotnet",
            "pack", Path.Combine(Repository.Root, "src", "SimNet.Core"),
            "-c", Configuration, "--no-build", "-o", folder.Path, "--nologo");

        Assert.True(code == 0, output);
        Assert.Single(Directory.GetFiles(folder.Path, "SimNet.Core.*.snupkg"));
        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.Path, "SimNet.Core.*.nupkg")));
        string[] expected =
            ["README.md", "icon.png", "lib/net10.0/SimNet.Core.dll", "lib/net10.0/SimNet.Core.xml", "buildTransitive/SimNet.Core.targets"];
        foreach (string file in expected)
        {
            Assert.NotNull(package.GetEntry(file));
        }

        using Stream stream = package.GetEntry("SimNet.Core.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().Single();
        string[] dependencies =
        [
            .. metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value),
        ];
        Assert.Superset(
            new HashSet<string> { "SimNet.Compute", "SimNet.Embeddings", "SimNet.Evaluation", "SimNet.Index", "SimNet.Models" },
            dependencies.ToHashSet());
        Assert.DoesNotContain("Google.Protobuf", dependencies);
        Assert.Equal("icon.png", Value("icon"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Contains("visual-search", Value("tags"), StringComparison.Ordinal);

        string Value(string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
    }
}
