using System.Diagnostics;
using Governance.Contracts;
using Governance.Lifecycle.Grants;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using MassTransit.Mediator;

namespace Governance.Lifecycle.Api;

/// <summary>Who calls, about what.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Actor">The caller.</param>
/// <param name="Key">The caller's idempotency key, made unique for the command and the caller.</param>
/// <param name="Revision">The revision that the caller looked at; null when they don't say.</param>
internal sealed record CommandCall(Guid Grant, ActorRef Actor, string? Key, int? Revision);

/// <summary>Runs a person's command inside their request.</summary>
internal sealed class GrantCommands(IMediator mediator, CallerIdentity callers, GrantReader reader)
{
    public const string KeyHeader = "Idempotency-Key";
    private const int MaxKey = 200;

    public async Task<IResult> RunAsync<TBody, T>(Guid id, HttpContext http, string verb, Func<CommandCall, TBody?, T> make)
        where TBody : class
        where T : GrantCommand
    {
        var (actor, problem) = await callers.IdentifyAsync(http);
        if (actor is null)
        {
            return problem!;
        }

        var (key, tooLong) = KeyOf(http);
        if (tooLong is not null)
        {
            return tooLong;
        }

        var (body, wrong) = await BodyAsync<TBody>(http);
        if (wrong is not null)
        {
            return wrong;
        }

        int? revision = null;
        if (typeof(TBody).IsAssignableTo(typeof(RevisedBody)))
        {
            (revision, var unclear) = Revisions.Named(http.Request, (body as RevisedBody)?.Revision);
            if (unclear is not null)
            {
                return unclear;
            }
        }

        Activity.Current?.SetTag("governance.command", verb);
        var command = make(new CommandCall(id, actor, null, revision), body);
        if (key is not null)
        {
            command = (T)((GrantCommand)command with { Key = $"{verb}:{actor.Id}:{key}\n{DigestOf(command)}" });
        }

        if (await RefusalAsync(command, http.RequestAborted) is { } refused)
        {
            return refused;
        }

        var grant = await reader.GetAsync(id, http.RequestAborted);
        if (grant is not null)
        {
            Revisions.Tell(http.Response, grant);
        }

        return Results.Ok(grant);
    }

    /// <summary>Runs a command; why it was turned down, or null when it wasn't.</summary>
    public async Task<IResult?> RefusalAsync<T>(T command, CancellationToken cancellationToken)
        where T : GrantCommand
    {
        var result = (await mediator.CreateRequestClient<T>().GetResponse<GrantCommandResult>(command, cancellationToken)).Message;
        if (!result.Found)
        {
            return Problems.NoSuchGrant(command.GrantId);
        }

        return result.Refusal is { } refusal
            ? Problems.Of(
                Status(refusal.Kind),
                refusal.Code,
                refusal.Message,
                [
                    ("state", (await reader.GetAsync(command.GrantId, cancellationToken))?.State),
                    .. refusal.Revision is { } revision ? [("revision", (object?)revision)] : Array.Empty<(string, object?)>(),
                ]
            )
            : null;
    }

    /// <summary>The caller's idempotency key, null when there is none; or the problem to answer with.</summary>
    public static (string? Key, IResult? Problem) KeyOf(HttpContext http)
    {
        var key = http.Request.Headers[KeyHeader].ToString();
        return key.Length == 0 ? (null, null)
            : TextRules.Fault(key, MaxKey, TextKind.Reference) is { } fault
                ? (null, Problems.Of(StatusCodes.Status400BadRequest, "invalid-key", $"{KeyHeader}: {fault.Remedy}"))
            : (key, null);
    }

    // Without what people write, whose digest would tell of it when it is forgotten.
    private static string DigestOf<T>(T command)
        where T : GrantCommand
    {
        var asked = System.Text.Json.JsonSerializer.SerializeToNode(command, WireJson.Options)!.AsObject();
        foreach (var member in new[] { "grantId", "actor", "key", "comment", "justification" })
        {
            asked.Remove(member);
        }

        return CanonicalJson.Digest(asked.ToJsonString());
    }

    private static int Status(RefusalKind kind) =>
        kind switch
        {
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            RefusalKind.Invalid => StatusCodes.Status400BadRequest,
            RefusalKind.Gone => StatusCodes.Status410Gone,
            _ => StatusCodes.Status403Forbidden,
        };

    private static Task<(TBody? Body, IResult? Problem)> BodyAsync<TBody>(HttpContext http)
        where TBody : class
    {
        // Nothing has to be said where nothing is required.
        var optional = Array.Exists(
            [typeof(CommandBody), typeof(ApproveBody), typeof(RejectBody), typeof(RotateBody)],
            type => type == typeof(TBody)
        );
        return Commands.ReadAsync<TBody>(http, body => (body as CommandBody)?.Fault(), optional);
    }
}
