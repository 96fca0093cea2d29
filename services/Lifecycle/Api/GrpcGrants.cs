using Google.Protobuf.WellKnownTypes;
using Governance.Grpc.V1;
using Grpc.Core;

namespace Governance.Lifecycle.Api;

internal sealed class GrpcGrants(GrantReader reader) : Governance.Grpc.V1.Grants.GrantsBase
{
    public override async Task<Grant> Get(GetGrantRequest request, ServerCallContext context)
    {
        if (!Guid.TryParse(request.Id, out var id))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "id: must be a UUID."));
        }

        var grant =
            await reader.GetAsync(id, context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"There is no grant {id}."));
        var message = new Grant
        {
            Id = grant.Id.ToString(),
            Principal = grant.Principal,
            Entitlement = grant.Entitlement,
            State = grant.State,
            RequestedDuration = grant.RequestedDuration.ToDuration(),
            ActivatedAt = grant.ActivatedAt?.ToTimestamp(),
            ExpiresAt = grant.ExpiresAt?.ToTimestamp(),
            EndedAt = grant.EndedAt?.ToTimestamp(),
            EndReason = grant.EndReason ?? "",
        };
        if (grant.Decision is { } d)
        {
            message.Decision = new GrantDecision
            {
                Outcome = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(d.Outcome.ToString()),
                Bundle = d.Bundle ?? "",
            };
            message.Decision.Policies.Add(d.Policies);
            message.Decision.Reasons.Add(d.Reasons);
        }

        if (grant.Holding is { } h)
        {
            message.Holding = new GrantHolding
            {
                Revision = h.Revision,
                Desired = h.Desired,
                Observed = h.Observed ?? "",
                ObservedAt = h.ObservedAt?.ToTimestamp(),
            };
        }

        return message;
    }
}
