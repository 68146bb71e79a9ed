using System.Text.Json;

namespace SimNet.Cli.Tests;

public sealed class LeftOutTests(DemoFolder demo) : IClassFixture<DemoFolder>
{
    private string Image => demo.File("products", "images", "000007.png");

    [Fact]
    public async Task Images_and_rows_left_out_are_reported_and_strict_exits_with_code_3()
    {
        using var folder = new TemporaryFolder();
        folder.Write("list.csv", $"id,file\n1,{Image}\n2,\n3,page.jpg\n4,lost.jpg\n5,lost too.jpg\n");
        folder.Write("page.jpg", "<!DOCTYPE html>");
        string[] index = ["index", "--model", "pixels:8", "--data", folder.Path, "--out", folder.File("catalog"), "--json"];

        (int code, string output, string error) = await Simnet.RunAsync(index);
        (int strictCode, string strictOutput, _) = await Simnet.RunAsync([.. index, "--strict"]);

        Assert.Equal((0, 3), (code, strictCode));
        using JsonDocument report = JsonDocument.Parse(output), strict = JsonDocument.Parse(strictOutput);
        Assert.Equal(1, strict.RootElement.GetProperty("images").GetInt32());
        Assert.Equal(
            ["a missing file 2", "an HTML page 1"],
            report.RootElement.GetProperty("failuresByCause").EnumerateArray()
                .Select(cause => $"{cause.GetProperty("cause")} {cause.GetProperty("count")}"));
        Assert.Equal("an HTML page", report.RootElement.GetProperty("failures")[0].GetProperty("cause").GetString());
        JsonElement problem = Assert.Single(report.RootElement.GetProperty("data").GetProperty("problems").EnumerateArray());
        Assert.Equal((3, "an empty file name"), (problem.GetProperty("line").GetInt32(), problem.GetProperty("cause").GetString()));
        Assert.Equal(0, report.RootElement.GetProperty("blemishedImages").GetArrayLength());
        Assert.Contains("list.csv, line 3: has an empty field 'file'", error, StringComparison.Ordinal);
        Assert.Contains("skipped an image of 3 (an HTML page): ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_no_images_are_counted_and_no_reason_for_strict_to_fail()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Image, folder.File("image without extension"));
        folder.Write("notes.txt", "no image");

        (int code, string output, string error) = await Simnet.RunAsync(
            "index", "--model", "pixels:8", "--data", folder.Path, "--out", folder.File("catalog"), "--json", "--strict");

        Assert.Equal(0, code);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal(1, report.RootElement.GetProperty("data").GetProperty("passedOver").GetInt32());
        Assert.Contains("passed over as no image: 1, such as notes.txt", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_failures_are_summarized_by_cause()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Image, folder.File("good.png"));
        for (int i = 0; i < 30; i++)
        {
            folder.Write($"{i:D2}.jpg", i % 3 == 0 ? "" : "<html>");
        }

        (int code, _, string error) =
            await Simnet.RunAsync("index", "--model", "pixels:8", "--data", folder.Path, "--out", folder.File("catalog"));

        Assert.Equal(0, code);
        Assert.Contains("30 images were skipped:", error, StringComparison.Ordinal);
        Assert.Contains(
            $"20: an HTML page, such as {folder.File("01.jpg")}, {folder.File("02.jpg")}, {folder.File("04.jpg")}", error,
            StringComparison.Ordinal);
        Assert.Contains("10: an empty file, such as ", error, StringComparison.Ordinal);
        Assert.InRange(error.Split('\n').Length, 1, 8);
    }

    [Theory]
    [InlineData("index", "--model", "pixels:8", "--data", ".", "--out", "FILE/catalog")]
    [InlineData("train", "--data", ".", "--epochs", "1", "--out", "FILE/model.onnx")]
    [InlineData("export", "--out", "FILE/model.onnx")]
    public async Task An_output_that_cannot_be_written_fails_before_the_work(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "");

        (int code, _, string error) = await Simnet.RunAsync([.. arguments.Select(argument => argument == "." ? demo.Products
            : argument.Replace("FILE", file, StringComparison.Ordinal))]);

        Assert.Equal(1, code);
        Assert.Matches("^simnet [a-z]+: '.*' cannot be written, because '.*file' is a file; expected a folder.\\s*$", error);
        Assert.Equal(["file"], folder.FileNames);
    }

    [Fact]
    public async Task Images_beyond_the_largest_number_of_megapixels_are_left_out()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Image, folder.File("a.png"));
        string[] index =
            ["index", "--model", "pixels:8", "--data", folder.Path, "--out", folder.File("catalog"), "--background", "#F0f0f0"];

        Assert.Equal(1, (await Simnet.RunAsync([.. index, "--max-megapixels", "0.001"])).Code);
        Assert.Equal(0, (await Simnet.RunAsync([.. index, "--max-megapixels", "100", "--tolerance", "strict"])).Code);
    }
}
