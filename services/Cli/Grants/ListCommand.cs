using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Grants;

/// <summary><c>governance grants list</c>: which access is there?</summary>
internal static class ListCommand
{
    private const string Help = """
        Lists grants, the newest first, with the last error and the next attempt where a target does not do what it should.

        Exit codes: 0 whatever is found; 2 wrong usage; 3 Lifecycle can't be reached.
        """;

    private const int DefaultLimit = 100;

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var output = OutputOption.Create(OutputFormat.Table);
        var state = new Option<string?>("--state") { Description = "Only grants in this state, for example revoke-failed." };
        var principal = new Option<string?>("--principal") { Description = "Only grants of this principal: name or id." };
        var target = new Option<string?>("--target") { Description = "Only grants of entitlements of this target." };
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many; 0 for all.",
            DefaultValueFactory = _ => DefaultLimit,
            CustomParser = ReadLimit,
        };
        var command = new Command("list", Help) { lifecycle.Option, output, state, principal, target, limit };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new LifecycleClient(lifecycle.Read(parsed));
                var filters = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["state"] = parsed.GetValue(state),
                    ["principal"] = parsed.GetValue(principal),
                    ["target"] = parsed.GetValue(target),
                };
                var (most, more) = (parsed.GetValue(limit), false);
                var grants = new List<JsonElement>();
                await foreach (var grant in client.GrantsAsync(filters, cancellationToken))
                {
                    more = most > 0 && grants.Count == most;
                    if (more)
                    {
                        break;
                    }

                    grants.Add(grant);
                }

                GrantText.WriteList(terminal, parsed.GetValue(output), grants);
                if (more)
                {
                    terminal.Complain($"There are more than {most}: say --limit 0 for all.");
                }

                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static int ReadLimit(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
        {
            return limit;
        }

        result.AddError($"--limit: '{text}' is not how many at most, such as 50, or 0 for all.");
        return default;
    }
}
