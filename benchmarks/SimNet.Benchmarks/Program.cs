using System.Globalization;
using BenchmarkDotNet.Running;
using SimNet.Benchmarks;

// Whole runs print JSON lines; everything else is BenchmarkDotNet's:
//   pictures FOLDER              decode and prepare every JPEG and PNG of a folder, on the calling thread
//   compute [--peers DIR] [--rounds N] [--work NAME]
//                                networks inferred and trained on one and two threads, beside the peers whose scripts stand in DIR
//   frontier --data PATH [--queries N] [--index exact,forest,graph,...] [--out FOLDER] [SEARCH OPTIONS]
//                                recall against queries/s; FOLDER gets frontier.svg. PATH: a folder of IDX pictures as Fashion MNIST's, or a raw
//                                float32 file, whose rows' length ends its name or is given (--dimensions D), and whose last N rows
//                                are the queries, or the first of a file of their own (--query-file FILE.f32)
//   batch --data PATH [--dimensions D] [--query-file FILE.f32] [--warm-up SECONDS]
//                                batches of 100 queries against the exact index, on one thread, beside the core's arithmetic
//   open --data PATH [--dimensions D] [--index exact,forest,graph]
//                                how long opening a saved index takes
//   embeddings --data FOLDER --out FILE.f32 [--model PATH] [--dimensions D]
//                                a catalog's pictures as vectors of length one, by the library's own model if no other is named
//   scaling --data FILE.f32 [--counts 1000,10000,...] [--of-dimensions D] [--dimensions 64,128,...] [--of-count N] [--queries N]
//           [--index exact,forest,graph,...] [--out FOLDER] [SEARCH OPTIONS]
//                                how cost grows with the number of vectors and with their length; FOLDER gets scaling-count.svg and
//                                scaling-dimensions.svg. FILE.f32: what embeddings writes; what it has not enough of is made from it
//   table3 --data PATH [--dimensions D] [--query-file FILE.f32] [--queries N] [--index exact,forest,graph,...] [SEARCH OPTIONS]
//                                e-SimNet's Table 3: query time, accuracy and build time, its LSH Forest and kd-forest being ours
//   SEARCH OPTIONS               [--threads N] [--warm-up SECONDS] [--peers DIR [--peer annoy,hnswlib,...]]; DIR holds annoy-node, the other
//                                peers are Debian's
//   --filter *Jpeg*              the benchmark classes
string[] searchOptions = ["--data", "--queries", "--index", "--threads", "--warm-up", "--peers", "--peer"];
try
{
    switch (args)
    {
        case ["pictures", string folder]:
            PictureRun.Execute(folder);
            break;
        case ["compute", .. string[] rest]:
            var compute = new CommandOptions(rest, "--peers", "--rounds", "--work", "--backend");
            ComputeRun.Execute(compute["--peers"], compute.Number("--rounds", 3), compute["--work"], compute["--backend"] ?? "managed");
            break;
        case ["compute-work", string work, string threads, string batch, string backend, .. string[] model]:
            ComputeRun.ExecuteWork(work, Number(threads), Number(batch), backend, model.FirstOrDefault());
            break;
        case ["frontier", .. string[] rest]:
            var frontier = new CommandOptions(rest, [.. searchOptions, "--dimensions", "--query-file", "--out"]);
            FrontierRun.Execute(ReadVectors(frontier), frontier.List("--index") ?? ["scan", "exact", "forest", "graph"], Peers(frontier), Threads(frontier), WarmUp(frontier), frontier["--out"]);
            break;
        case ["batch", .. string[] rest]:
            var batches = new CommandOptions(rest, "--data", "--dimensions", "--query-file", "--queries", "--warm-up");
            BatchRun.Execute(ReadVectors(batches), WarmUp(batches));
            break;
        case ["open", .. string[] rest]:
            var open = new CommandOptions(rest, "--data", "--dimensions", "--query-file", "--queries", "--index");
            OpenRun.Execute(ReadVectors(open), open.List("--index") ?? ["exact", "forest", "graph"]);
            break;
        case [OpenRun.WorkCommand, string file]:
            OpenRun.Work(file);
            break;
        case ["embeddings", .. string[] rest]:
            var embeddings = new CommandOptions(rest, "--data", "--out", "--model", "--dimensions");
            await EmbeddingsRun.ExecuteAsync(embeddings.Required("--data"), embeddings.Required("--out"), embeddings["--model"] ?? "default", embeddings.Number("--dimensions", 0));
            break;
        case ["scaling", .. string[] rest]:
            var scaling = new CommandOptions(rest, [.. searchOptions, "--counts", "--of-dimensions", "--dimensions", "--of-count", "--out"]);
            ScalingRun.Execute(
                VectorFile.Read<float>(scaling.Required("--data")),
                VectorFile.DimensionsByName(scaling.Required("--data")),
                scaling.Numbers("--counts") ?? [1000, 10_000, 100_000, 1_000_000],
                scaling.Number("--of-dimensions", 128),
                scaling.Numbers("--dimensions") ?? [64, 128, 256, 512],
                scaling.Number("--of-count", 100_000),
                scaling.Number("--queries", 1000),
                scaling.List("--index") ?? ["exact", "forest", "graph"],
                Peers(scaling),
                Threads(scaling),
                WarmUp(scaling),
                scaling["--out"]);
            break;
        case ["table3", .. string[] rest]:
            var table3 = new CommandOptions(rest, [.. searchOptions, "--dimensions", "--query-file"]);
            Table3Run.Execute(
                ReadVectors(table3),
                table3.List("--index") ?? ["lsh-forest", "kd-forest", "exact", "forest", "graph"],
                SearchPeers.Compile(table3["--peers"], table3.List("--peer") ?? ["flann", "annoy"]),
                Threads(table3),
                WarmUp(table3));
            break;
        case [SearchBench.WorkCommand, string folder, string dimensions, string kind, string build, string threads, string warmUp]:
            SearchBench.Work(folder, Number(dimensions), kind, build, Number(threads), Number(warmUp));
            break;
        default:
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
            break;
    }
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}

return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static VectorSet ReadVectors(CommandOptions options) =>
    VectorSet.Read(options.Required("--data"), options.Number("--queries", 1000), options["--query-file"], options.Number("--dimensions", 0));

static List<PeerSetting> Peers(CommandOptions options) => SearchPeers.Compile(options["--peers"], options.List("--peer"));

static int Threads(CommandOptions options) => options.Number("--threads", 1);

// On one core the compiler takes so long until its best code runs.
static int WarmUp(CommandOptions options) => options.Number("--warm-up", 12);
