using System.Text.Json;
using Spectre.Console;

namespace Governance.Cli;

/// <summary>Where a command writes, and what it knows of its surroundings.</summary>
/// <param name="output">Results.</param>
/// <param name="error">Everything else.</param>
/// <param name="isInteractive">Whether somebody watches the error stream: only then are there progress bars and colours.</param>
/// <param name="environment">Environment variables.</param>
/// <param name="input">What somebody types; null where nobody can be asked.</param>
internal sealed class Terminal(
    TextWriter output,
    TextWriter error,
    bool isInteractive,
    Func<string, string?> environment,
    TextReader? input = null
)
{
    // Wide enough that no line of a redirected table is broken.
    private const int WidthOfAFile = 2000;

    private static readonly JsonSerializerOptions Json = new(WireJson.Options) { WriteIndented = true };

    public TextWriter Output => output;

    public TextWriter Error => error;

    public bool IsInteractive => isInteractive;

    /// <summary>What is said when somebody stops the program. A command whose work goes on without it says so, and how to look.</summary>
    public string Interrupted { get; set; } = "interrupted.";

    public static Terminal OfThisProcess() =>
        new(
            Console.Out,
            Console.Error,
            !Console.IsErrorRedirected && !Console.IsOutputRedirected,
            Environment.GetEnvironmentVariable,
            Console.IsInputRedirected ? null : Console.In
        );

    public string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>What somebody who watches answers; null where nobody can be asked.</summary>
    public async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        if (input is null || !isInteractive)
        {
            return null;
        }

        await error.WriteAsync(question);
        // A console's reader blocks, whatever its method is called: whoever stops the program does not have to type a line first.
        return (await Task.Run(() => input.ReadLine(), cancellationToken).WaitAsync(cancellationToken))?.Trim() ?? "";
    }

    public void Line(string text = "") => output.WriteLine(text);

    public void Complain(string text) => error.WriteLine(text);

    /// <summary>Writes one JSON document, as the suite writes JSON.</summary>
    public void Document<T>(T document) => output.WriteLine(JsonSerializer.Serialize(document, Json));

    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(isInteractive ? TableBorder.Rounded : TableBorder.Ascii2);
        var all = rows.ToList();
        for (var i = 0; i < headings.Count; i++)
        {
            // An id that is cut into pieces can't be copied.
            var column = new TableColumn(new Text(headings[i]));
            table.AddColumn(all.TrueForAll(row => !row[i].Contains(' ', StringComparison.Ordinal)) ? column.NoWrap() : column);
        }

        foreach (var row in all)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        Drawing(output).Write(table);
    }

    /// <summary>Runs something long, with a progress bar where somebody watches.</summary>
    public async Task<T> ProgressAsync<T>(string what, Func<Action<int, int>, Task<T>> work)
    {
        if (!isInteractive)
        {
            return await work((_, _) => { });
        }

        return await Drawing(error)
            .Progress()
            .AutoClear(true)
            .StartAsync(async context =>
            {
                var task = context.AddTask(what, maxValue: 1);
                task.IsIndeterminate = true;
                return await work(
                    (done, all) =>
                    {
                        (task.IsIndeterminate, task.MaxValue, task.Value) = (all <= 0, Math.Max(all, 1), done);
                        task.Description = all > 0 ? $"{what} {done}/{all}" : $"{what} {done}";
                    }
                );
            });
    }

    private IAnsiConsole Drawing(TextWriter writer)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = isInteractive ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = isInteractive ? InteractionSupport.Yes : InteractionSupport.No,
                Out = new AnsiConsoleOutput(writer),
            }
        );
        if (!isInteractive)
        {
            console.Profile.Width = WidthOfAFile;
        }

        return console;
    }
}
