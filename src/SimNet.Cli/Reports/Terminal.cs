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
    /// <summary>The width of redirected tables.</summary>
    private const int RedirectedWidth = 200;

    /// <summary>The width of redirected problems, each of which is one line.</summary>
    private const int RedirectedErrorWidth = 1 << 16;

    /// <summary>The largest number of images or rows with a line each. More of them are summarized by cause.</summary>
    private const int MaxLines = 10;

    private const int ExamplesPerCause = 3;

    private readonly IAnsiConsole _output = CreateConsole(Console.Out, Console.IsOutputRedirected, RedirectedWidth);

    private readonly IAnsiConsole _error = CreateConsole(Console.Error, Console.IsErrorRedirected, RedirectedErrorWidth);

    /// <summary>The number of images, rows, files and folders that were left out because they could not be read.</summary>
    public int LeftOut { get; private set; }

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
    public void Note(string text) => _error.MarkupLineInterpolated($"[gray]{OneLine(text)}[/]");

    /// <summary>Writes a line about a problem that does not end the command.</summary>
    public void Warn(string text) => _error.MarkupLineInterpolated($"[yellow]{OneLine(text)}[/]");

    /// <summary>Writes a line for each image that was skipped, or for each cause if there are many.</summary>
    public void Warn(IReadOnlyCollection<ImageFailure> failures) => Warn(
        "images were skipped",
        [.. failures.Select(failure =>
            (failure.Cause, failure.Image, $"skipped an image of {failure.ProductId} ({failure.Cause}): {failure.Problem}"))]);

    /// <summary>Writes a line for each row, file or folder that was left out, or for each cause if there are many.</summary>
    public void Warn(CatalogReadReport report)
    {
        Warn(
            "rows, files or folders were left out",
            [.. report.Problems.Select(problem => (problem.Cause, Place(problem), $"left out {Place(problem)}: {problem.Problem}"))]);
        if (report.PassedOver > 0)
        {
            Note(string.Create(CultureInfo.InvariantCulture, $"passed over as no image: {report.PassedOver:N0}, such as ")
                + string.Join(", ", report.PassedOverExamples));
        }

        static string Place(CatalogProblem problem) => problem.Line is int line
            ? string.Create(CultureInfo.InvariantCulture, $"{problem.Path}, line {line}")
            : problem.Path;
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

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isRedirected, int redirectedWidth)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = redirectedWidth;
        }

        return console;
    }

    private void Warn(string what, (string Cause, string Place, string Text)[] problems)
    {
        LeftOut += problems.Length;
        if (problems.Length <= MaxLines)
        {
            foreach ((_, _, string text) in problems)
            {
                Warn(text);
            }

            return;
        }

        Warn(string.Create(CultureInfo.InvariantCulture, $"{problems.Length:N0} {what}:"));
        foreach (IGrouping<string, (string Cause, string Place, string Text)> cause in problems
            .GroupBy(problem => problem.Cause, StringComparer.Ordinal).OrderByDescending(cause => cause.Count()))
        {
            string examples = string.Join(", ", cause.Take(ExamplesPerCause).Select(problem => problem.Place));
            Warn(string.Create(CultureInfo.InvariantCulture, $"  {cause.Count():N0}: {cause.Key}, such as {examples}"));
        }

        Note("--json lists all of them.");
    }

    /// <summary>File names and messages may contain line breaks.</summary>
    private static string OneLine(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character))
        : text;

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
