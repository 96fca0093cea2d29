using Governance.Grpc.V1;
using Governance.Reading;
using Grpc.Core;

namespace Governance.Lifecycle.Api;

/// <summary>What would be decided is asked by the rules that a request has which is made: else the answer would be about one that is refused.</summary>
internal static class RequestQuestion
{
    /// <exception cref="RpcException">It names the member and the remedy.</exception>
    public static void Check(AssembleFactsRequest request)
    {
        Name("principal", request.Principal);
        Name("entitlement", request.Entitlement);
        Name("requester", request.Requester);
        if (request.Duration is null || request.Duration.ToTimeSpan() <= TimeSpan.Zero)
        {
            throw Wrong("duration", "must be longer than zero.");
        }

        if (request.OnBehalfOf.Count > Bounds.Delegators)
        {
            throw Wrong("onBehalfOf", $"Send at most {Bounds.Delegators}.");
        }

        for (var i = 0; i < request.OnBehalfOf.Count; i++)
        {
            Name(FaultList.Item("onBehalfOf", i), request.OnBehalfOf[i]);
        }

        CheckChain(request.Principal, request.OnBehalfOf);
        CheckTicket(request);
    }

    /// <exception cref="RpcException">It names the member and the remedy.</exception>
    public static void CheckChain(string principal, IReadOnlyList<string> chain)
    {
        foreach (var (index, _, remedy) in DelegationRules.Faults(principal, chain))
        {
            throw Wrong(FaultList.Item("onBehalfOf", index), remedy);
        }
    }

    private static void CheckTicket(AssembleFactsRequest request)
    {
        if (request.TicketKey.Length > 0 || request.TicketSystem.Length > 0)
        {
            Name("ticket.system", request.TicketSystem);
            Name("ticket.key", request.TicketKey);
        }
        else if (request.Emergency)
        {
            throw Wrong("ticket", "Add the incident as a ticket with its system and key: an emergency has to name one.");
        }

        OptionalName("ticket.state", request.TicketState);
        OptionalName("ticket.assignee", request.TicketAssignee);
        OptionalName("ticket.configurationItem", request.TicketConfigurationItem);
        if (request.TicketWindowStart is null != request.TicketWindowEnd is null)
        {
            throw Wrong("ticket.changeWindow", "needs both start and end.");
        }

        if (request.TicketWindowEnd is { } end && end <= request.TicketWindowStart)
        {
            throw Wrong("ticket.changeWindow.end", "Send an end that is later than the start.");
        }
    }

    private static void OptionalName(string member, string text)
    {
        if (text.Length > 0)
        {
            Name(member, text);
        }
    }

    private static void Name(string member, string text)
    {
        if (TextRules.Fault(text, Bounds.NameLength) is { } fault)
        {
            throw Wrong(member, fault.Remedy);
        }
    }

    private static RpcException Wrong(string member, string remedy) => new(new Status(StatusCode.InvalidArgument, $"{member}: {remedy}"));
}
