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

ParseResult command = root.Parse(args);
int code = await command.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return command.Errors.Count > 0 ? CommandRunner.WrongUsage : code;
