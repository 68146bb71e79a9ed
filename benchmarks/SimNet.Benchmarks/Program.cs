using System.Globalization;
using BenchmarkDotNet.Running;
using SimNet.Benchmarks;

// Whole runs print JSON lines; everything else is BenchmarkDotNet's:
//   pictures FOLDER              decode and prepare every JPEG and PNG of a folder, on the calling thread
//   compute [--peers DIR] [--rounds N] [--work NAME]
//                                networks inferred and trained on one and two threads, beside the peers whose scripts stand in DIR
//   frontier --data PATH [--dimensions D] [--query-file FILE.f32] [--queries N] [--index exact,forest,...] [--threads N] [--warm-up SECONDS]
//            [--peers DIR] [--out FOLDER]
//                                recall against queries/s. PATH: a folder of IDX pictures as Fashion MNIST's, or rows of raw float32, whose
//                                number of columns ends the file's name if not given, and whose last N rows are the queries if no file
//                                has them. DIR holds annoy-node; the other peers are Debian's. FOLDER gets frontier.svg
//   --filter *Jpeg*              the benchmark classes
try
{
    switch (args)
    {
        case ["pictures", string folder]:
            PictureRun.Execute(folder);
            break;
        case ["compute", .. string[] rest]:
            var compute = new CommandOptions(rest, "--peers", "--rounds", "--work");
            ComputeRun.Execute(compute["--peers"], compute.Number("--rounds", 3), compute["--work"]);
            break;
        case ["compute-work", string work, string threads, string batch]:
            ComputeRun.ExecuteWork(work, Number(threads), Number(batch));
            break;
        case ["frontier", .. string[] rest]:
            var frontier = new CommandOptions(rest, "--data", "--dimensions", "--query-file", "--queries", "--index", "--threads", "--warm-up", "--peers", "--out");
            FrontierRun.Execute(
                VectorSet.Read(frontier.Required("--data"), frontier.Number("--queries", 1000), frontier["--query-file"], frontier.Number("--dimensions", 0)),
                frontier.List("--index", "scan,exact,forest"),
                frontier.Number("--threads", 1),
                frontier.Number("--warm-up", 12),
                frontier["--peers"],
                frontier["--out"]);
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
