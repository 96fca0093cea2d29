using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Grpc.V1;
using Governance.Policy.Bundles;
using Governance.Reading;
using Grpc.Core;

namespace Governance.Policy.Decisions;

/// <summary>What would be decided now. Records nothing and gives nothing.</summary>
internal sealed class DryRun(Catalog.CatalogClient catalog, BundleStore bundles, BundleStatus status, DecisionEngine engine)
{
    /// <exception cref="RpcException">With a status that says whose fault it is.</exception>
    public async Task<DryRunResult> RunAsync(DryRunRequest request, CancellationToken cancellationToken)
    {
        var assembled = await AssembleAsync(request, cancellationToken);
        var facts = JsonSerializer.Deserialize<AccessFacts>(assembled.FactsJson, WireJson.Options)!;
        var digest = string.IsNullOrEmpty(request.Bundle) ? status.Bundle?.Digest : request.Bundle;
        if (digest is null)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "No bundle is loaded yet."));
        }

        try
        {
            var bundle = await bundles.GetAsync(digest, cancellationToken);
            return new DryRunResult(
                engine.Decide(DecisionPurpose.Issue, assembled.Now.ToDateTimeOffset(), bundle, facts),
                assembled.FactsJson
            );
        }
        catch (BundleException e)
        {
            throw new RpcException(new Status(StatusCode.NotFound, "bundle: " + e.Message));
        }
    }

    private async Task<AssembleFactsResponse> AssembleAsync(DryRunRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await catalog.AssembleFactsAsync(
                new AssembleFactsRequest
                {
                    Principal = request.Principal,
                    Entitlement = request.Entitlement,
                    Requester = request.Requester,
                    Duration = request.Duration.ToDuration(),
                    NotBefore = request.NotBefore?.ToTimestamp(),
                    TicketSystem = request.Ticket?.System ?? "",
                    TicketKey = request.Ticket?.Key ?? "",
                    TicketState = request.Ticket?.State ?? "",
                    TicketAssignee = request.Ticket?.Assignee ?? "",
                    TicketConfigurationItem = request.Ticket?.ConfigurationItem ?? "",
                    TicketWindowStart = request.Ticket?.ChangeWindow?.Start.ToTimestamp(),
                    TicketWindowEnd = request.Ticket?.ChangeWindow?.End.ToTimestamp(),
                    Emergency = request.Emergency,
                    Verified = request.Verified,
                    OnBehalfOf = { request.OnBehalfOf ?? [] },
                },
                // gRPC takes the machine's time off again, and then waits by the monotonic clock.
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5),
                cancellationToken: cancellationToken
            );
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The facts can't be had from Lifecycle: " + e.Status.Detail));
        }
    }
}

/// <summary>What to decide on, by names as on the wire.</summary>
internal sealed record DryRunRequest
{
    public required string Principal { get; init; }

    public required string Entitlement { get; init; }
    public required string Requester { get; init; }
    public required TimeSpan Duration { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public DryRunTicket? Ticket { get; init; }
    public string? Bundle { get; init; }
    public bool Emergency { get; init; }

    [Within(1, Bounds.Delegators)]
    public IReadOnlyList<string>? OnBehalfOf { get; init; }

    /// <summary>As if the requester were authenticated and the source believed.</summary>
    public bool Verified { get; init; }
}

internal sealed record DryRunTicket(
    string System,
    string Key,
    string? State = null,
    string? Assignee = null,
    string? ConfigurationItem = null,
    DryRunWindow? ChangeWindow = null
);

/// <summary>When the ticket allows the change: at any time, also one that is long over.</summary>
internal sealed record DryRunWindow([AnyTime] DateTimeOffset Start, [AnyTime] DateTimeOffset End);

internal sealed record DryRunResult(Decision Decision, string Facts);
