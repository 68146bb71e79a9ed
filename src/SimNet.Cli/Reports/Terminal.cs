using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SimNet.Core;
using SimNet.Index;
using Spectre.Console;

namespace SimNet.Cli;

/// <summary>
/// Writes the result of a command to the standard output, as a table or as one JSON object, and progress and problems to the standard
/// error, so that the result can be piped.
/// </summary>
internal sealed class Terminal(bool json)
{
    /// <summary>The width of redirected output, at which no line is wrapped.</summary>
    private const int RedirectedWidth = 200;

    private readonly IAnsiConsole _output = CreateConsole(Console.Out, Console.IsOutputRedirected);

    private readonly IAnsiConsole _error = CreateConsole(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether the terminal can show a progress bar.</summary>
    public bool IsInteractive => _error.Profile.Capabilities.Interactive;

    /// <summary>Writes a result as JSON, or with <paramref name="render"/>.</summary>
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

    /// <summary>Writes a line about what the command does.</summary>
    public void Note(string text) => _error.MarkupLineInterpolated($"[gray]{text}[/]");

    /// <summary>Writes a line about a problem that does not end the command.</summary>
    public void Warn(string text) => _error.MarkupLineInterpolated($"[yellow]{text}[/]");

    /// <summary>Writes a line for each image that was skipped.</summary>
    public void Warn(IEnumerable<ImageFailure> failures)
    {
        foreach (ImageFailure failure in failures)
        {
            Warn($"skipped an image of {failure.ProductId}: {failure.Problem}");
        }
    }

    /// <summary>Runs work with a progress bar. The work reports the completed share and a text.</summary>
    public async Task<T> WithProgressAsync<T>(string title, Func<Action<double, string>, Task<T>> work)
    {
        // A progress bar would be noise in a log file.
        if (!IsInteractive)
        {
            Note(title);
            return await work((_, _) => { });
        }

        return await _error.Progress()
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
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

    /// <summary>Describes the recall of an index and how it was measured.</summary>
    public static string Recall(RecallEstimate? recall) => recall switch
    {
        null => "not measured",
        { Queries: 0 } => "exact",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{recall.Recall:P1} of {recall.Neighbors:N0} neighbors (95 % interval {recall.LowerBound:P1} to {recall.UpperBound:P1}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{recall.Queries:N0} queries) at the default effort, {recall.SearchEffort:N0}"),
    };

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
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }

    /// <summary>Creates a table of names and values.</summary>
    public static Table Facts(string title, params IEnumerable<(string Name, string Value)> facts)
    {
        Table table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded).HideHeaders()
            .AddColumn("").AddColumn(new TableColumn("").RightAligned());
        foreach ((string name, string value) in facts)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        return table;
    }
}
