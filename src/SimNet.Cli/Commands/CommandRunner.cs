using System.CommandLine;
using Spectre.Console;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>Runs a command's action and turns what a user can mend into one line and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>Exit code of a command that was cancelled: 128 + SIGINT, as shells have it.</summary>
    private const int Cancelled = 130;

    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON object." };

    /// <summary>Adds the option <c>--json</c> and the action to a command.</summary>
    public static Command Runs(this Command command, Func<ParseResult, Terminal, CancellationToken, Task> action)
    {
        command.Options.Add(Json);
        command.SetAction(async (result, cancellationToken) =>
        {
            try
            {
                await action(result, new Terminal(result.GetValue(Json)), cancellationToken);
                return 0;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("cancelled");
                return Cancelled;
            }
            catch (Exception exception) when (Mendable(exception) is { } problem)
            {
                // One line: some exceptions' messages tell the value on a line of its own.
                await Console.Error.WriteLineAsync($"simnet {command.Name}: {problem.Message.ReplaceLineEndings(" ")}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>The exception, if it is of a kind that tells a user what to mend; of several at once the first. Null for a defect of our own.</summary>
    private static Exception? Mendable(Exception exception) => exception switch
    {
        AggregateException several => Mendable(several.InnerExceptions[0]),
        CatalogFormatException or ModelFormatException or ImageFormatException or IOException or UnauthorizedAccessException
            or ArgumentException or KeyNotFoundException or InvalidOperationException and not ObjectDisposedException => exception,
        _ => null,
    };
}
