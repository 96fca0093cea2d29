using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Decisions;
using Governance.Grpc.V1;
using Grpc.Core;

namespace Governance.Policy.Decisions;

internal sealed class GrpcDecisions(DryRun dryRun) : Governance.Grpc.V1.Decisions.DecisionsBase
{
    public override async Task<EvaluateResponse> Evaluate(EvaluateRequest request, ServerCallContext context)
    {
        Require(request.Principal, "principal");
        Require(request.Entitlement, "entitlement");
        Require(request.Requester, "requester");
        if (request.Duration is null || request.Duration.ToTimeSpan() <= TimeSpan.Zero)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "duration: must be longer than zero."));
        }

        var result = await dryRun.RunAsync(
            new DryRunRequest
            {
                Principal = request.Principal,
                Entitlement = request.Entitlement,
                Requester = request.Requester,
                Duration = request.Duration.ToTimeSpan(),
                NotBefore = request.NotBefore?.ToDateTimeOffset(),
                Ticket = request.Ticket is null
                    ? null
                    : new DryRunTicket(
                        request.Ticket.System,
                        request.Ticket.Key,
                        request.Ticket.State.Length == 0 ? null : request.Ticket.State,
                        request.Ticket.Assignee.Length == 0 ? null : request.Ticket.Assignee,
                        request.Ticket.ConfigurationItem.Length == 0 ? null : request.Ticket.ConfigurationItem,
                        WindowOf(request.Ticket)
                    ),
                Bundle = request.Bundle,
                Emergency = request.Emergency,
                OnBehalfOf = request.OnBehalfOf.Count == 0 ? null : [.. request.OnBehalfOf],
                Verified = request.Verified,
            },
            context.CancellationToken
        );
        var response = new EvaluateResponse
        {
            Outcome = JsonNamingPolicy.KebabCaseLower.ConvertName(result.Decision.Outcome.ToString()),
            Duration = result.Decision.Duration.ToDuration(),
            Bundle = result.Decision.Bundle,
            DecisionJson = JsonSerializer.Serialize(result.Decision, WireJson.Options),
            FactsJson = result.Facts,
        };
        response.Policies.Add(result.Decision.Policies.Select(p => p.Id));
        response.Reasons.Add(result.Decision.Reasons);
        return response;
    }

    private static DryRunWindow? WindowOf(DecisionTicket ticket)
    {
        if (ticket.WindowStart is null && ticket.WindowEnd is null)
        {
            return null;
        }

        return ticket is { WindowStart: { } start, WindowEnd: { } end }
            ? new DryRunWindow(start.ToDateTimeOffset(), end.ToDateTimeOffset())
            : throw new RpcException(new Status(StatusCode.InvalidArgument, "ticket: needs both window_start and window_end, or none."));
    }

    private static void Require(string value, string field)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, field + ": is missing."));
        }
    }
}
