using System.Text;
using Governance.EndToEnd.Tests.Load;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Refusals;
using Governance.Testing;
using RabbitMQ.Client;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>Every request that was sent is where it belongs, and nothing else is anywhere.</summary>
internal static class RequestInvariants
{
    // A denial that the load itself can cause: its facts changed five times while it was decided, or Policy was away five times.
    private static readonly string[] Excused = ["contention", "policy-fault"];

    public static IEnumerable<Violation> WhereTheyBelong(
        IReadOnlyList<SentRequest> sent,
        StoredHistory history,
        IReadOnlyList<RejectedMessage> rejected
    )
    {
        var refusals = history.Events.Select(e => e.Data).OfType<RefusalRecorded>().ToLookup(r => r.BodyDigest, StringComparer.Ordinal);
        var queued = rejected.ToLookup(r => r.BodyDigest, StringComparer.Ordinal);
        foreach (var request in sent.GroupBy(s => s.GrantId))
        {
            var bodies = request.Where(r => r.Fate != Fate.IsMalformed).ToList();
            var story = history.Stories.GetValueOrDefault(request.Key);
            if (bodies.Count > 0 != story is not null)
            {
                yield return new Violation(
                    $"{request.First().Request.Id} ({request.First().Fate}) has {(story is null ? "no grant" : "a grant")}",
                    request.Key
                );
            }

            foreach (var one in request)
            {
                var digest = CanonicalJson.Digest(Encoding.UTF8.GetBytes(one.Body));
                // Of two requests under one id either may have come first.
                var taken = one.Fate != Fate.IsMalformed && story?.Requested.Duration == one.Request.Duration;
                var code = one.Fate == Fate.IsMalformed ? "invalid" : "id-reused";
                if (taken ? refusals[digest].Any() : refusals[digest].Count() != 1 || refusals[digest].Single().Code != code)
                {
                    yield return new Violation(
                        $"{one.Request.Id} ({one.Fate}): expected {(taken ? "no refusal" : "one refusal " + code)}, there are: {string.Join(", ", refusals[digest].Select(r => r.Code))}",
                        story?.Id
                    );
                }

                if (!one.OverHttp && (taken ? queued[digest].Any() : !queued[digest].Any(q => q.Reason == code)))
                {
                    yield return new Violation(
                        $"{one.Request.Id} ({one.Fate}): in the queue of rejected messages: {string.Join(", ", queued[digest].Select(q => q.Reason))}",
                        story?.Id
                    );
                }
            }

            if (story is not null && Unexpected(bodies[0].Fate, story.Fold()) is { } problem)
            {
                yield return new Violation($"{bodies[0].Request.Id} ({bodies[0].Fate}) {problem}", story.Id);
            }
        }

        foreach (var stray in history.Stories.Values.Where(g => sent.All(s => s.GrantId != g.Id)))
        {
            yield return new Violation($"Nobody sent {stray.Requested.RequestId}", stray.Id);
        }
    }

    /// <summary>Whether a refusal is one that trouble alone can cause.</summary>
    public static bool IsExcused(IEnumerable<string> reasons) => reasons.All(r => Excused.Contains(r, StringComparer.Ordinal));

    private static string? Unexpected(Fate fate, Grant grant)
    {
        var state = grant.CurrentState;
        if (state == GrantState.Denied && IsExcused(grant.Decision!.Reasons))
        {
            return null;
        }

        string[] fitting = fate switch
        {
            Fate.IsDenied => [GrantState.Denied],
            Fate.NeedsApproval => [GrantState.Ended, GrantState.Lapsed],
            Fate.IsRejected => [GrantState.Rejected, GrantState.Lapsed],
            Fate.IsWithdrawn => [GrantState.Withdrawn, GrantState.Ended, GrantState.Lapsed],
            _ => [GrantState.Ended],
        };
        return fitting.Contains(state, StringComparer.Ordinal)
            ? null
            : $"is {state} in the end ({string.Join(", ", grant.Decision?.Reasons ?? [])})";
    }

    /// <summary>Empties the queue of rejected messages.</summary>
    public static async Task<IReadOnlyList<RejectedMessage>> TakeRejectedAsync(Suite suite)
    {
        await using var connection = await Amqp.ConnectAsync(suite.BusUrl, "test-oracle", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var taken = new List<RejectedMessage>();
        while (await channel.BasicGetAsync("governance.intake.rejected", autoAck: true) is { } message)
        {
            taken.Add(new RejectedMessage(CanonicalJson.Digest(message.Body.Span), Header(message.BasicProperties, "governance-reason")));
        }

        return taken;
    }

    /// <summary>Error, skipped and dead-letter queues, with what is in them.</summary>
    public static async Task<IReadOnlyList<Violation>> LeftOversAsync(Suite suite)
    {
        await using var connection = await Amqp.ConnectAsync(suite.BusUrl, "test-oracle", CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var found = new List<Violation>();
        foreach (var queue in await SuiteServers.Current.Management.ListQueuesAsync(suite.VirtualHost))
        {
            if (queue.Type == "stream" || queue.Name == "governance.intake.rejected")
            {
                continue;
            }

            while (await channel.BasicGetAsync(queue.Name, autoAck: true) is { } message)
            {
                var body = Encoding.UTF8.GetString(message.Body.Span);
                found.Add(
                    new Violation(
                        $"In {queue.Name}: {message.BasicProperties.MessageId} {Header(message.BasicProperties, "MT-Fault-ExceptionType")} {Header(message.BasicProperties, "MT-Fault-Message")} "
                            + $"{Header(message.BasicProperties, "MT-Fault-Timestamp")}\n{(body.Length > 1500 ? body[..1500] : body)}"
                    )
                );
            }
        }

        return found;
    }

    private static string Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true
            ? value is byte[] bytes
                ? Encoding.UTF8.GetString(bytes)
                : value?.ToString() ?? ""
            : "";
}

/// <summary>A message that the door refused.</summary>
internal sealed record RejectedMessage(string BodyDigest, string Reason);
