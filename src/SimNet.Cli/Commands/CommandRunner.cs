using System.CommandLine;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary>Runs the action of a command. Errors that a user can fix become one line of text and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>The exit code of a canceled command: 128 + SIGINT, as in shells.</summary>
    private const int Canceled = 130;

    /// <summary>The exit code of a command with <c>--strict</c> that left something out.</summary>
    private const int LeftOut = 3;

    /// <summary>The exit code of a command line that is not valid.</summary>
    public const int WrongUsage = 2;

    public static readonly Option<bool> Strict = new("--strict")
    {
        Description = "End with exit code 3 if an image, a row or a file could not be read and was left out. The command completes all the "
            + "same; files that are no images, and blemishes that --tolerance accepts, do not count. The other exit codes: 0, success; "
            + "1, an error; 2, a command line that is not valid; 130, canceled.",
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON object." };

    /// <summary>Adds the option <c>--json</c> and the action to a command.</summary>
    public static Command WithAction(this Command command, Func<ParseResult, Terminal, CancellationToken, Task> action)
    {
        command.Options.Add(Json);
        command.SetAction(async (result, cancellationToken) =>
        {
            try
            {
                var terminal = new Terminal(result.GetValue(Json));
                await action(result, terminal, cancellationToken);
                return terminal.LeftOut > 0 && command.Options.Contains(Strict) && result.GetValue(Strict) ? LeftOut : 0;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"simnet {command.Name}: canceled");
                return Canceled;
            }
            catch (Exception exception) when (FindUserError(exception) is { } problem)
            {
                // The messages of some exceptions have several lines.
                await Console.Error.WriteLineAsync($"simnet {command.Name}: {problem.Message.ReplaceLineEndings(" ")}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>
    /// Returns the exception, or the first of several, if its message tells a user what to fix; <see langword="null"/> if it is a bug.
    /// </summary>
    private static Exception? FindUserError(Exception exception) => exception switch
    {
        AggregateException several => FindUserError(several.InnerExceptions[0]),
        CatalogFormatException or ModelFormatException or ImageFormatException or IOException or UnauthorizedAccessException
            or ArgumentException or KeyNotFoundException or InvalidOperationException and not ObjectDisposedException => exception,
        _ => null,
    };
}
