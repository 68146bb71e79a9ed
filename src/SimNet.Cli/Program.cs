using System.CommandLine;
using SimNet.Cli;

var root = new RootCommand("Products that look like this one: train on your own images, index, query, evaluate.")
{
    TrainCommand.Create(),
    IndexCommand.Create(),
    QueryCommand.Create(),
    EvaluateCommand.Create(),
    ExportCommand.Create(),
    DemoCommand.Create(),
};

return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
