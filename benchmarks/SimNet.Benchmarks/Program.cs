using SimNet.Benchmarks;

return await BenchmarkCommands.RunAsync(args);
