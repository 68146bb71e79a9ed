using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SimNet.Core;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary>
/// What a command writes to: its result to the standard output, as a table for people or one JSON object for machines;
/// progress and problems to the standard error, so that the result can be piped.
/// </summary>
internal sealed class Terminal(bool json)
{
    /// <summary>Wide enough that nothing is broken over lines where no screen sets the width.</summary>
    private const int FileWidth = 200;

    private readonly IAnsiConsole _output = CreateConsole(Console.Out, Console.IsOutputRedirected);

    private readonly IAnsiConsole _error = CreateConsole(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether somebody can watch a progress bar.</summary>
    public bool IsWatched => _error.Profile.Capabilities.Interactive;

    /// <summary>Prints a result: as JSON, or as <paramref name="render"/> shows it.</summary>
    public void Result<T>(T report, JsonTypeInfo<T> type, Action<IAnsiConsole> render)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, type));
        }
        else
        {
            render(_output);
        }
    }

    /// <summary>A line for people about what goes on.</summary>
    public void Note(string text) => _error.MarkupLineInterpolated($"[gray]{text}[/]");

    /// <summary>A line about something that went wrong without ending the command.</summary>
    public void Warn(string text) => _error.MarkupLineInterpolated($"[yellow]{text}[/]");

    /// <summary>A line for each image that was left out.</summary>
    public void Warn(IEnumerable<ImageFailure> failures)
    {
        foreach (ImageFailure failure in failures)
        {
            Warn($"left out: {failure.ProductId}: {failure.Problem}");
        }
    }

    /// <summary>Runs a piece of work behind a progress bar, which is moved by giving the share done and a text.</summary>
    public async Task<T> WithProgressAsync<T>(string title, Func<Action<double, string>, Task<T>> work)
    {
        // Where nobody watches, a bar is noise in a log.
        if (!IsWatched)
        {
            Note(title);
            return await work((_, _) => { });
        }

        return await _error.Progress()
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: 1);
                T result = await work((share, text) =>
                {
                    task.Value = share;
                    task.Description = Markup.Escape(text.Length > 0 ? $"{title}: {text}" : title);
                });
                task.Value = 1;
                return result;
            });
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isRedirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = FileWidth;
        }

        return console;
    }

    /// <summary>A table of names and values.</summary>
    public static Table Facts(string title, params IEnumerable<(string Name, string Value)> facts)
    {
        Table table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        foreach ((string name, string value) in facts)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        return table;
    }
}
