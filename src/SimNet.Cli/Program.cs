using System.CommandLine;
using SimNet.Cli;

var root = new RootCommand("Finds products that look alike: trains on product images, indexes, queries and evaluates them.")
{
    TrainCommand.Create(),
    IndexCommand.Create(),
    InfoCommand.Create(),
    QueryCommand.Create(),
    EvaluateCommand.Create(),
    ExportCommand.Create(),
    DemoCommand.Create(),
};

return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
