using BenchmarkDotNet.Running;
using SimNet.Benchmarks;

// Whole runs print JSON lines; everything else is BenchmarkDotNet's:
//   pictures FOLDER              decode and prepare every JPEG and PNG of a folder, on the calling thread
//   search BASE.gz QUERIES.gz    exact and forest search over IDX pictures, one query at a time, on the calling thread
//   --filter *Jpeg*              the benchmark classes
switch (args)
{
    case ["pictures", string folder]:
        PictureRun.Execute(folder);
        break;
    case ["search", string baseFile, string queryFile]:
        SearchRun.Execute(baseFile, queryFile);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
