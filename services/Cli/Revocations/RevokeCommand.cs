using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Governance.Cli.Services;

namespace Governance.Cli.Revocations;

/// <summary><c>governance revoke</c>: takes away everything that an incident touches, and waits until it is gone.</summary>
internal static class RevokeCommand
{
    private const string Help = """
        Takes away everything that the selectors name together: what gives access is revoked and read back from its target, what would give
        access is denied. Shows first what it would hit. Where somebody watches they are asked to type the number; where nobody does, much at
        once needs --confirm with that number exactly: with any other, as when it hits another number meanwhile, nothing is ordered.

        Then waits until every grant of the order is read back as gone, or was never given: at most --timeout (PT10M), and no longer than 10 s
        without progress once all that is left has failed; each ends with 1, and the order goes on by itself. With --no-wait it ends as soon
        as the order is given. What is requested later is not touched.

        Exit codes: 0 all is gone, or nothing matched, or --preview or --no-wait did what they should; 1 something is not gone: a target
        failed, or it was not over in time (it goes on), or the access is still effective by another grant or path, which is named; 2 wrong
        usage, not confirmed or with another number, or refused by Lifecycle; 3 Lifecycle can't be reached.
        """;

    private const int GrantsShown = 20;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>How long what failed is given to succeed after all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(Terminal terminal)
    {
        var lifecycle = ServiceOption.Lifecycle(terminal);
        var actor = new ActorOption(terminal);
        var selector = new SelectorOptions();
        var output = OutputOption.Create();
        var reason = new Option<string?>("--reason") { Description = "Why; kept with the order. Required, but for --preview." };
        var preview = new Option<bool>("--preview") { Description = "Only show what it would hit." };
        var confirm = new Option<int?>("--confirm")
        {
            Description = "The number of grants that --preview says it hits, exactly.",
            HelpName = "N",
        };
        var noWait = new Option<bool>("--no-wait") { Description = "Do not wait until all is gone." };
        var timeout = new Option<TimeSpan>("--timeout")
        {
            Description = "How long to wait, for example PT10M.",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(10),
            CustomParser = Duration,
        };
        var key = new Option<string?>("--key") { Description = "Idempotency key: the same order, however often it is sent." };
        var command = new Command("revoke", Help)
        {
            lifecycle.Option,
            actor.Option,
            output,
            reason,
            preview,
            confirm,
            noWait,
            timeout,
            key,
        };
        selector.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var format = parsed.GetValue(output);
                var selected = selector.Read(parsed);
                if (parsed.GetValue(preview))
                {
                    using var reader = new LifecycleClient(lifecycle.Read(parsed));
                    var found = await reader.PreviewAsync(new { Selector = selected, Limit = GrantsShown }, cancellationToken);
                    Write(terminal, format, found, () => RevocationText.Write(terminal, Preview.Of(found)));
                    return ExitCodes.Success;
                }

                if (string.IsNullOrWhiteSpace(parsed.GetValue(reason)))
                {
                    throw new CommandException(ExitCodes.Usage, "--reason: say why; it is kept with the order.");
                }

                var address = lifecycle.Read(parsed);
                using var client = new LifecycleClient(address, actor.Read(parsed));
                var number = await ConfirmAsync(terminal, client, selected, parsed.GetValue(confirm), cancellationToken);
                terminal.Interrupted =
                    $"interrupted before Lifecycle answered: the order may be given all the same. See {address}v1/revocations"
                    + (parsed.GetValue(key) is { } k ? $", or give it again with --key {k}, which is the same order." : ".");
                var given = await client.RevokeAsync(
                    new
                    {
                        Selector = selected,
                        Reason = parsed.GetValue(reason),
                        Confirm = number,
                    },
                    parsed.GetValue(key),
                    cancellationToken
                );
                var id = given.GetProperty("id").GetGuid();
                terminal.Interrupted = $"interrupted: the order {id} goes on. How far it is: {address}v1/revocations/{id}";
                terminal.Complain($"The order {id} is given: it goes on, whatever becomes of this program.");
                var last = parsed.GetValue(noWait)
                    ? given
                    : await WaitAsync(terminal, client, id, parsed.GetValue(timeout), cancellationToken);
                Write(terminal, format, last, () => RevocationText.Write(terminal, Revocation.Of(last)));
                return parsed.GetValue(noWait) || Revocation.Of(last).AllGone ? ExitCodes.Success : ExitCodes.Failure;
            }
        );
        return command;
    }

    /// <summary>The number that is confirmed: by the option, or by whoever watches; null where none is needed.</summary>
    private static async Task<int?> ConfirmAsync(
        Terminal terminal,
        LifecycleClient client,
        Selector selector,
        int? option,
        CancellationToken cancellationToken
    )
    {
        if (option is not null)
        {
            return option;
        }

        var preview = Preview.Of(await client.PreviewAsync(new { Selector = selector, Limit = 0 }, cancellationToken));
        var summary = RevocationText.Summary(preview);
        var answer = preview.Hit == 0 ? null : await terminal.AskAsync($"{summary} Type the number to confirm: ", cancellationToken);
        if (answer is null)
        {
            return !preview.NeedsConfirmation
                ? null
                : throw new CommandException(
                    ExitCodes.Usage,
                    $"{summary} That is much: look at --preview, and say --confirm {preview.Hit} if it is right."
                );
        }

        return answer == preview.Hit.ToString(CultureInfo.InvariantCulture)
            ? preview.Hit
            : throw new CommandException(ExitCodes.Usage, "not confirmed: nothing is ordered.");
    }

    /// <summary>How the order is when all is gone, or when waiting longer won't help.</summary>
    private static Task<JsonElement> WaitAsync(
        Terminal terminal,
        LifecycleClient client,
        Guid id,
        TimeSpan timeout,
        CancellationToken cancellationToken
    ) =>
        terminal.ProgressAsync(
            "grants gone",
            async progress =>
            {
                var (waited, still, over) = (Stopwatch.StartNew(), Stopwatch.StartNew(), -1);
                while (true)
                {
                    var document = await client.RevocationAsync(id, cancellationToken);
                    var now = Revocation.Of(document);
                    progress(now.Over, now.Matched);
                    if (now.Over != over)
                    {
                        over = now.Over;
                        still.Restart();
                    }

                    var onlyFailed = now.Waiting + now.Revoking == 0 && still.Elapsed > Patience;
                    if (now.IsFinished || (onlyFailed && now.Failed > 0) || waited.Elapsed > timeout)
                    {
                        return document;
                    }

                    await Task.Delay(Period, TimeProvider.System, cancellationToken);
                }
            }
        );

    private static void Write(Terminal terminal, OutputFormat format, JsonElement document, Action write)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Document(document);
            return;
        }

        write();
    }

    private static TimeSpan Duration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!IsoDuration.TryParse(text, out var duration) || duration < TimeSpan.Zero)
        {
            result.AddError($"--timeout: '{text}' is no duration such as PT10M.");
        }

        return duration;
    }
}
