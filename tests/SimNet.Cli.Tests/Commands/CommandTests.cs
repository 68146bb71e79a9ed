using System.Text.Json;
using SimNet.Core;
using SimNet.Models;

namespace SimNet.Cli.Tests;

public sealed class CommandTests(DemoFolder demo) : IClassFixture<DemoFolder>
{
    [Fact]
    public void The_demo_writes_a_report_a_model_a_catalog_and_images()
    {
        Assert.Equal(100, Directory.GetFiles(demo.File("products", "images"), "*.png").Length);
        Assert.True(File.Exists(demo.File("model.onnx")));
        Assert.True(File.Exists(demo.File("catalog.simnet", "manifest.json")));
        Assert.Contains(
            "Products that look like this one",
            File.ReadAllText(demo.Summary.RootElement.GetProperty("report").GetString()!),
            StringComparison.Ordinal);
        Assert.InRange(demo.Summary.RootElement.GetProperty("trained").GetProperty("precision").GetDouble(), 0.3, 1); // about 0.1 at random
        JsonElement defaultModel = demo.Summary.RootElement.GetProperty("defaultModel");
        Assert.Equal(
            ("default", "Cosine"), (defaultModel.GetProperty("model").GetString(), defaultModel.GetProperty("metric").GetString()));
        Assert.Equal(
            demo.Summary.RootElement.GetProperty("trained").GetProperty("queries").GetInt32(),
            defaultModel.GetProperty("queries").GetInt32());

        // The saved catalog contains the trained model.
        using SimilarityEngine saved = SimilarityEngine.Open(demo.File("catalog.simnet"));
        Assert.Equal(Model.Load(demo.File("model.onnx")).Id, saved.Embedder.Model.Id);
    }

    [Fact]
    public async Task Train_index_query_and_evaluate_work_on_the_files_of_one_another()
    {
        string model = demo.File("own.safetensors"), catalog = demo.File("own.simnet");

        JsonElement trained = await JsonAsync(
            "train", "--network", "dae", "--data", demo.Products, "--out", model, "--epochs", "1", "--batch", "16", "--seed", "3",
            "--label", "category");
        Assert.Equal(47_105, trained.GetProperty("parameters").GetInt32());
        Assert.Equal(100, trained.GetProperty("trainingImages").GetInt32() + trained.GetProperty("validationImages").GetInt32());
        Assert.False(File.Exists(model + ".checkpoint"));

        JsonElement indexed = await JsonAsync("index", "--model", model, "--data", demo.Products, "--out", catalog, "--index", "exact");
        Assert.Equal(
            (100, 2048, "exact", "Euclidean"),
            (
                indexed.GetProperty("products").GetInt32(),
                indexed.GetProperty("dimensions").GetInt32(),
                indexed.GetProperty("index").GetString(),
                indexed.GetProperty("metric").GetString()));

        JsonElement byImage =
            await JsonAsync("query", "--catalog", catalog, "--image", demo.File("products", "images", "000007.png"), "--count", "3");
        Assert.Equal(3, byImage.GetProperty("hits").GetArrayLength());
        Assert.Equal("000007", byImage.GetProperty("hits")[0].GetProperty("product").GetString());
        Assert.Equal(0, byImage.GetProperty("hits")[0].GetProperty("distance").GetDouble(), 1e-3);

        JsonElement byProduct = await JsonAsync("query", "--catalog", catalog, "--product", "000007");
        Assert.Equal(5, byProduct.GetProperty("hits").GetArrayLength());
        Assert.DoesNotContain(byProduct.GetProperty("hits").EnumerateArray(), hit => hit.GetProperty("product").GetString() == "000007");

        JsonElement evaluated = await JsonAsync("evaluate", "--catalog", catalog, "--data", demo.Products, "--label", "category");
        Assert.Equal(100, evaluated.GetProperty("queries").GetInt32() + evaluated.GetProperty("skipped").GetInt32());
        Assert.InRange(evaluated.GetProperty("precision").GetDouble(), 0.3, 1);
    }

    [Fact]
    public async Task Info_describes_a_catalog_and_the_recall_of_its_index()
    {
        string exact = demo.File("exact.simnet"), graph = demo.File("graph.simnet"), many = demo.File("many");
        await JsonAsync("index", "--model", "pixels:8", "--data", demo.Products, "--index", "exact", "--out", exact);

        // A small graph scans all rows. Products that share images have enough rows for its links.
        Directory.CreateDirectory(many);
        string[] files = Directory.GetFiles(demo.File("products", "images"), "*.png");
        File.WriteAllLines(
            Path.Combine(many, "list.csv"), ["id,file", .. Enumerable.Range(0, 2000).Select(i => $"{i},{files[i % files.Length]}")]);
        JsonElement indexed = await JsonAsync(
            "index", "--model", "pixels:8", "--data", many, "--index", "graph", "--recall", "0.9", "--out", graph);
        JsonElement info = await JsonAsync("info", "--catalog", graph);
        JsonElement recall = info.GetProperty("estimatedRecall");

        Assert.Equal(
            (2000, 2000, "pixels", 64, "graph", "Euclidean"),
            (
                info.GetProperty("products").GetInt32(),
                info.GetProperty("images").GetInt32(),
                info.GetProperty("network").GetString(),
                info.GetProperty("dimensions").GetInt32(),
                info.GetProperty("index").GetString(),
                info.GetProperty("metric").GetString()));
        Assert.InRange(recall.GetProperty("recall").GetDouble(), 0.9, 1);
        Assert.InRange(recall.GetProperty("queries").GetInt32(), 1, 256);
        Assert.Equal(indexed.GetProperty("estimatedRecall").ToString(), recall.ToString());

        Assert.Matches(
            "recall of the index *│ *[0-9.]+ % of 10 neighbors \\(95 % interval [0-9.]+ % to [0-9.]+ %, 250 queries\\) at the default "
                + "effort, [0-9]+ │",
            (await Simnet.RunAsync("info", "--catalog", graph)).Output);
        Assert.Matches("recall of the index *│ *exact │", (await Simnet.RunAsync("info", "--catalog", exact)).Output);
        Assert.Contains(
            "recall: exact", File.ReadAllText(demo.Summary.RootElement.GetProperty("report").GetString()!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parts_of_a_split_are_complementary()
    {
        JsonElement indexed = await JsonAsync(
            "index", "--model", "pixels:16", "--metric", "cosine", "--data", demo.Products, "--part", "train", "--out",
            demo.File("train.simnet"));
        Assert.Equal("Cosine", indexed.GetProperty("metric").GetString());
        int train = indexed.GetProperty("products").GetInt32();
        JsonElement evaluated = await JsonAsync(
            "evaluate", "--catalog", demo.File("train.simnet"), "--data", demo.Products, "--part", "test", "--label", "category");

        Assert.Equal(100, train + evaluated.GetProperty("queries").GetInt32() + evaluated.GetProperty("skipped").GetInt32());
        Assert.InRange(train, 60, 95);
    }

    [Fact]
    public async Task The_default_model_is_indexed_with_the_cosine_metric()
    {
        string catalog = demo.File("ready.simnet");
        JsonElement indexed = await JsonAsync("index", "--data", demo.Products, "--out", catalog);
        Assert.Equal(
            (100, 512, "Cosine"),
            (
                indexed.GetProperty("products").GetInt32(),
                indexed.GetProperty("dimensions").GetInt32(),
                indexed.GetProperty("metric").GetString()));

        string image = demo.File("products", "images", "000007.png");
        JsonElement hits = (await JsonAsync("query", "--catalog", catalog, "--image", image, "--count", "3")).GetProperty("hits");
        Assert.Equal(3, hits.GetArrayLength());
        Assert.Equal("000007", hits[0].GetProperty("product").GetString());
        Assert.Equal(0, hits[0].GetProperty("distance").GetDouble(), 1e-5);
    }

    [Theory]
    [InlineData("Cosine", "--model", "default")]
    [InlineData("Euclidean", "--model", "pixels:8")]
    [InlineData("InnerProduct", "--model", "default", "--metric", "innerproduct")]
    public async Task The_metric_defaults_to_that_of_the_model_and_can_be_overridden(string expected, params string[] arguments)
    {
        string[] few = ["--classes", "Watch,Belt", "--max-per-class", "5"];
        JsonElement evaluated = await JsonAsync(["evaluate", "--data", demo.Products, "--label", "category", .. few, .. arguments]);

        Assert.Equal((expected, arguments[1]), (evaluated.GetProperty("metric").GetString(), evaluated.GetProperty("model").GetString()));
        Assert.InRange(evaluated.GetProperty("precision").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task A_killed_training_resumes_to_the_identical_model()
    {
        string[] arguments = ["train", "--data", demo.Products, "--epochs", "4", "--batch", "8", "--seed", "9", "--json"];
        string whole = demo.File("whole.safetensors"), killed = demo.File("killed.safetensors"), checkpoint = killed + ".checkpoint";
        await JsonAsync([.. arguments, "--out", whole]);

        // On a busy machine, the training may end before it is killed.
        for (int attempt = 0; attempt == 0 || (attempt < 10 && File.Exists(killed)); attempt++)
        {
            File.Delete(killed);
            File.Delete(checkpoint);
            await Simnet.KillAtAsync(checkpoint, [.. arguments, "--out", killed]);
        }

        Assert.False(File.Exists(killed), "The training ended before it could be killed.");
        Assert.True(File.Exists(checkpoint));
        await JsonAsync([.. arguments, "--out", killed, "--resume"]);

        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(killed));
    }

    [Theory]
    [InlineData("does not exist", "index", "--model", "pixels:8", "--data", "nowhere", "--out", "x")]
    [InlineData("nowhere", "query", "--catalog", "nowhere", "--product", "1")]
    [InlineData("nowhere", "info", "--catalog", "nowhere")]
    [InlineData("Expected a recall above 0", "index", "--model", "pixels:8", "--data", ".", "--out", "x", "--recall", "1.5")]
    [InlineData("expected pixels:SIZE", "index", "--model", "pixels:0", "--data", ".", "--out", "x")]
    public async Task User_errors_print_one_line_and_exit_with_code_1(string problem, params string[] arguments)
    {
        // The folder contains products, so that only one argument is wrong.
        (int code, string output, string error) =
            await Simnet.RunAsync([.. arguments.Select(argument => argument == "." ? demo.Products : argument)]);

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_needs_either_an_image_or_a_product()
    {
        Assert.Equal(2, (await Simnet.RunAsync("query", "--catalog", "x")).Code);
        (int code, _, string error) = await Simnet.RunAsync("query", "--catalog", "x", "--product", "1", "--image", "2.jpg");

        Assert.Equal(2, code);
        Assert.Contains("either --image or --product", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_in_redirected_output_has_no_color_codes()
    {
        (int code, string output, _) = await Simnet.RunAsync(
            "query", "--catalog", demo.File("catalog.simnet"), "--image", demo.File("products", "images", "000001.png"));

        Assert.Equal(0, code);
        Assert.Contains("Distance", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task A_demo_on_given_images_chooses_a_label_and_skips_unreadable_files()
    {
        // The drawn images with another name for the category, a column of unique values, and a file that is not an image.
        string folder = demo.File("renamed");
        Directory.CreateDirectory(folder);
        string[] rows = File.ReadAllLines(demo.File("products", "products.csv"));
        File.WriteAllLines(Path.Combine(folder, "list.csv"),
            [
                "id,file,kind,serial",
                .. rows.Skip(1).Select(row => row.Split(',')).Select((cells, i) => $"{cells[0]},../products/{cells[1]},{cells[2]},{i}"),
                "bad,list.csv,Watch,x",
            ]);

        JsonElement summary = await JsonAsync("demo", "--data", folder, "--epochs", "1", "--out", demo.File("renamed-out"));

        Assert.Equal("kind", summary.GetProperty("label").GetString());
        Assert.True(File.Exists(demo.File("renamed-out", "report.html")));
    }

    [Fact]
    public async Task Indexing_without_readable_images_keeps_the_existing_catalog()
    {
        string folder = demo.File("unreadable"), catalog = demo.File("kept.simnet");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "a.jpg"), "no image");
        await JsonAsync("index", "--model", "pixels:8", "--data", demo.Products, "--out", catalog);
        byte[] manifest = File.ReadAllBytes(Path.Combine(catalog, "manifest.json"));

        (int code, _, string error) = await Simnet.RunAsync("index", "--model", "pixels:8", "--data", folder, "--out", catalog);

        Assert.Equal(1, code);
        Assert.Contains("none of the 1 images can be read", error, StringComparison.Ordinal);
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(catalog, "manifest.json")));
    }

    [Fact]
    public async Task Trainings_that_cannot_start_or_resume_print_one_line()
    {
        string model = demo.File("other.safetensors");
        string[] train = ["train", "--data", demo.Products, "--batch", "8"];
        await Simnet.KillAtAsync(model + ".checkpoint", [.. train, "--epochs", "50", "--out", model]);

        await FailsAsync(
            "seed is '0' in the checkpoint and '7' in this run",
            [.. train, "--epochs", "50", "--out", model, "--resume", "--seed", "7"]);
        await FailsAsync("data is", [.. train, "--epochs", "50", "--out", model, "--resume", "--split-seed", "3", "--label", "category"]);
        await FailsAsync("is a folder", [.. train, "--out", demo.Path]);
        await FailsAsync("the labels are category, color, pattern", [.. train, "--out", demo.File("x.safetensors"), "--label", "colr"]);
        await FailsAsync("diverged", [.. train, "--epochs", "1", "--out", demo.File("x.safetensors"), "--learning-rate", "1e30"]);

        static async Task FailsAsync(string problem, string[] arguments)
        {
            (int code, _, string error) = await Simnet.RunAsync(arguments);
            Assert.Equal(1, code);
            string line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
            Assert.StartsWith("simnet train: ", line, StringComparison.Ordinal);
            Assert.Contains(problem, line, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_classifier_is_trained_and_evaluated_on_the_same_split()
    {
        string model = demo.File("classes.safetensors");
        string[] split =
        [
            "--data", demo.Products, "--label", "category", "--classes", "Watch, Belt,Cap", "--max-per-class", "10",
            "--validation-share", "0.2", "--test-share", "0.2",
        ];

        JsonElement trained = await JsonAsync(
        [
            "train", "--network", "squeezenet1_1", .. split, "--stages", "32x1,40x1", "--batch", "4", "--seed", "3",
            "--freeze", "features.0", "features.3", "--ema", "0.9", "--mixup", "0.2", "--out", model,
        ]);
        Assert.Equal("squeezenet1_1", trained.GetProperty("network").GetString());
        Assert.Equal(2, trained.GetProperty("history").GetArrayLength());
        Assert.Equal(3, trained.GetProperty("test").GetProperty("classes").GetArrayLength());
        Assert.InRange(trained.GetProperty("test").GetProperty("accuracy").GetDouble(), 0, 1);
        Assert.Contains("<svg", await File.ReadAllTextAsync(model + ".loss.svg"), StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(model + ".accuracy.svg"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(demo.Path, "classes.safetensors.checkpoint*"));

        JsonElement evaluated = await JsonAsync(["evaluate", "--model", model, .. split, "--count", "3"]);
        Assert.Equal(trained.GetProperty("trainingProducts").GetInt32(), evaluated.GetProperty("products").GetInt32());
        Assert.Equal(trained.GetProperty("testProducts").GetInt32(), evaluated.GetProperty("queries").GetInt32());
        Assert.Equal(
            trained.GetProperty("test").GetProperty("confusion").ToString(),
            evaluated.GetProperty("classification").GetProperty("confusion").ToString());

        // Only the weights of the file, as with torchvision weights: the same vectors, but not a classifier.
        JsonElement bare = await JsonAsync(["evaluate", "--model", "squeezenet1_1:" + model, .. split]);
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("classification").ValueKind);

        (int code, string output, _) = await Simnet.RunAsync(["evaluate", "--model", model, .. split]);
        Assert.Equal(0, code);
        Assert.Contains("actual \\ predicted", output, StringComparison.Ordinal);
        Assert.Contains("precision@5", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pruned_network_has_a_sparse_file_that_other_commands_read()
    {
        string whole = demo.File("whole-net.safetensors"), pruned = demo.File("pruned.safetensors"), again = demo.File("again.safetensors");
        string[] train =
        [
            "train", "--network", "esimnet", "--data", demo.Products, "--label", "category", "--classes", "Watch,Belt",
            "--stages", "32x1", "--batch", "4",
        ];

        JsonElement first = await JsonAsync([.. train, "--out", whole]);
        JsonElement second = await JsonAsync([.. train, "--weights", whole, "--prune", "--half", "--out", pruned]);
        Assert.Equal(first.GetProperty("parameters").GetInt32(), first.GetProperty("remainingParameters").GetInt32());
        Assert.InRange(second.GetProperty("remainingParameters").GetInt32(), 300_000, 500_000);
        Assert.True(new FileInfo(pruned).Length < 0.4 * new FileInfo(whole).Length);
        Assert.Equal(new FileInfo(pruned).Length, second.GetProperty("fileBytes").GetInt64());

        await JsonAsync([.. train, "--weights", pruned, "--out", again]);
        await JsonAsync("evaluate", "--model", pruned, "--data", demo.Products, "--label", "category", "--classes", "Watch,Belt");
    }

    [Theory]
    [InlineData("expected --label", "train", "--network", "esimnet", "--data", ".", "--out", "x")]
    [InlineData("--prune is given without", "train", "--network", "esimnet", "--data", ".", "--out", "x", "--label", "category", "--prune")]
    [InlineData("the values are", "train", "--network", "esimnet", "--data", ".", "--out", "x", "--label", "category", "--classes", "Sock")]
    [InlineData("expected the weights of the network", "evaluate", "--model", "esimnet:MODEL", "--data", ".", "--label", "category")]
    public async Task Invalid_classifier_options_print_one_line(string problem, params string[] arguments)
    {
        (int code, _, string error) = await Simnet.RunAsync([.. arguments.Select(argument => argument == "." ? demo.Products
            : argument.Replace("MODEL", demo.File("model.onnx"), StringComparison.Ordinal))]);

        Assert.Equal(1, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'112' is not a stage", "train", "--network", "esimnet", "--data", ".", "--out", "x", "--label", "x", "--stages", "112")]
    [InlineData("either --catalog or --model", "evaluate", "--data", ".", "--label", "category")]
    [InlineData("--background is 'red'", "query", "--catalog", "x", "--product", "1", "--background", "red")]
    [InlineData("--max-megapixels is '0'", "index", "--data", ".", "--out", "x", "--max-megapixels", "0")]
    [InlineData("--tolerance", "index", "--data", ".", "--out", "x", "--tolerance", "some")]
    [InlineData("Required", "index", "--data", ".")]
    public async Task A_command_line_that_is_not_valid_exits_with_code_2(string problem, params string[] arguments)
    {
        (int code, _, string error) = await Simnet.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(problem, error, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        (int code, string output, string error) =
            await Simnet.RunAsync([.. arguments.Contains("--json") ? arguments : [.. arguments, "--json"]]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }
}
