using System.CommandLine;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Grants;

/// <summary><c>governance grants texts</c>: what people wrote about one grant.</summary>
internal static class TextsCommand
{
    private const string Help = """
        Shows the justification and the comments of one grant. They are personal: only who may decide on the grant gets them, and what was
        erased is gone.

        Exit codes: 0 they are there; 1 there is no such grant, or they are not for you; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var id = GrantId.Required();
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var actor = new ActorOption(terminal);
        var output = OutputOption.Create(OutputFormat.Text);
        var command = new Command("texts", Help) { id, lifecycle.Option, actor.Option, output };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed), actor.Read(parsed));
                var asked = parsed.GetValue(id);
                var document =
                    await client.TextsAsync(asked, cancellationToken)
                    ?? throw new CommandException(ExitCodes.Failure, $"there is no grant {asked}.");
                Write(terminal, parsed.GetValue(output), document);
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static void Write(Terminal terminal, OutputFormat format, JsonElement document)
    {
        var texts = document.GetProperty("texts").EnumerateArray().ToList();
        switch (format)
        {
            case OutputFormat.Json:
                terminal.Document(document);
                break;
            case OutputFormat.Table:
                terminal.Table(
                    ["written", "by", "for", "text"],
                    texts.Select(t => (string[])[Of(t, "at"), Of(t, "by"), Of(t, "kind"), Words(t)])
                );
                break;
            default:
                texts.ForEach(t => terminal.Line($"{Of(t, "at")} {Of(t, "by")} ({Of(t, "kind")}): {Words(t)}"));
                break;
        }
    }

    private static string Words(JsonElement text) =>
        text.TryGetProperty("text", out var words) ? Shown.Whole(words.GetString()!) : "(erased)";

    private static string Of(JsonElement text, string member) => text.GetProperty(member).GetString()!;
}
