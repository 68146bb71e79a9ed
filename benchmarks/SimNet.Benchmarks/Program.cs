using System.Globalization;
using BenchmarkDotNet.Running;
using SimNet.Benchmarks;

// Whole runs print JSON lines; everything else is BenchmarkDotNet's:
//   pictures FOLDER              decode and prepare every JPEG and PNG of a folder, on the calling thread
//   search BASE.gz QUERIES.gz    exact and forest search over IDX pictures, one query at a time, on the calling thread
//   compute [--peers DIR] [--rounds N] [--work NAME]
//                                networks inferred and trained on one and two threads, beside the peers whose scripts stand in DIR
//   --filter *Jpeg*              the benchmark classes
switch (args)
{
    case ["pictures", string folder]:
        PictureRun.Execute(folder);
        break;
    case ["search", string baseFile, string queryFile]:
        SearchRun.Execute(baseFile, queryFile);
        break;
    case ["compute", .. string[] options]:
        ComputeRun.Execute(Option(options, "--peers"), int.Parse(Option(options, "--rounds") ?? "3", CultureInfo.InvariantCulture), Option(options, "--work"));
        break;
    case ["compute-work", string work, string threads, string batch]:
        ComputeRun.ExecuteWork(work, int.Parse(threads, CultureInfo.InvariantCulture), int.Parse(batch, CultureInfo.InvariantCulture));
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}

static string? Option(string[] options, string name) => Array.IndexOf(options, name) is >= 0 and int at && at + 1 < options.Length ? options[at + 1] : null;
