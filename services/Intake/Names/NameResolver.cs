using Governance.Grpc.V1;
using Governance.Intake.Door;
using Governance.Intake.Reading;
using Grpc.Core;

namespace Governance.Intake.Names;

/// <summary>Asks Lifecycle, the catalog's one reader, what names mean.</summary>
internal sealed class NameResolver(Grpc.V1.Catalog.CatalogClient catalog)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <exception cref="RpcException">Lifecycle does not answer.</exception>
    public async Task<ResolvedNames> ResolveAsync(IncomingMessage message, Delivery delivery, CancellationToken cancellationToken)
    {
        var names = message.NamesRequired("").ToLookup(n => n.Is, n => n.Name);
        var question = new ResolveRequest
        {
            Source = message.Source,
            VerifiedUser = delivery.VerifiedUser,
            VerifiedCaller = delivery.VerifiedCaller ?? "",
        };
        question.Principals.Add(names[Named.Principal].Concat(message.NamesWelcome).Distinct(StringComparer.Ordinal));
        question.Entitlements.Add(names[Named.Entitlement]);
        var answer = await AskAsync(question, cancellationToken);
        // What a source is trusted for counts only when it is known who published.
        return new ResolvedNames(answer, delivery.Publisher is null ? [] : answer.TrustedFor);
    }

    /// <summary>The principal that a caller names itself to be; null when the catalog has none.</summary>
    /// <exception cref="RpcException">Lifecycle does not answer.</exception>
    public async Task<ResolvedPrincipal?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(new ResolveRequest { Principals = { name } }, cancellationToken);
        return answer.Principals.GetValueOrDefault(name);
    }

    /// <summary>Who proves to be which source.</summary>
    /// <exception cref="RpcException">Lifecycle does not answer.</exception>
    public async Task<SourcesResponse> SourcesAsync(CancellationToken cancellationToken)
    {
        using var call = catalog.SourcesAsync(
            new SourcesRequest(),
            // As below.
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Timeout,
            cancellationToken: cancellationToken
        );
        return await call;
    }

    private async Task<ResolveResponse> AskAsync(ResolveRequest question, CancellationToken cancellationToken)
    {
        using var call = catalog.ResolveAsync(
            question,
            // gRPC takes the machine's time off again, and then waits by the monotonic clock.
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Timeout,
            cancellationToken: cancellationToken
        );
        return await call;
    }
}
