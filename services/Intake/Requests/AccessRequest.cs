using System.Text.Json.Serialization;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Intake.Reading;
using Governance.Intake.Tickets;

namespace Governance.Intake.Requests;

/// <summary>A request. Members that are null are in no digest.</summary>
internal sealed record AccessRequest : IncomingMessage
{
    [JsonIgnore]
    public override string Kind => "request";

    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    public required TimeSpan Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public required string Justification { get; init; }

    public required string Requester { get; init; }

    public required bool Emergency { get; init; }

    public TicketClaim? Ticket { get; init; }

    public required IReadOnlyList<ApprovalClaim> Approvals { get; init; }

    /// <summary>On whose behalf the principal acts, nearest first; null when for itself.</summary>
    public IReadOnlyList<string>? OnBehalfOf { get; init; }

    /// <summary>Whom a credential is to be sealed to; null for nobody.</summary>
    public RecipientKey? RecipientKey { get; init; }

    [JsonIgnore]
    public override IEnumerable<string> NamesWelcome => Ticket?.Assignee is { } assignee ? [assignee] : [];

    public override IEnumerable<NamedMember> NamesRequired(string dataPath)
    {
        NamedMember PrincipalAt(string path, string name, string code) => new(path, name, Named.Principal, code);
        yield return PrincipalAt(FaultList.Member(dataPath, "principal"), Principal, "unknown-principal");
        yield return new NamedMember(FaultList.Member(dataPath, "entitlement"), Entitlement, Named.Entitlement, "unknown-entitlement");
        yield return PrincipalAt(FaultList.Member(dataPath, "requester"), Requester, "unknown-requester");
        var approvals = FaultList.Member(dataPath, "approvals");
        for (var i = 0; i < Approvals.Count; i++)
        {
            yield return PrincipalAt(FaultList.Member(FaultList.Item(approvals, i), "approver"), Approvals[i].Approver, "unknown-approver");
        }

        var chain = FaultList.Member(dataPath, "onBehalfOf");
        for (var i = 0; i < (OnBehalfOf?.Count ?? 0); i++)
        {
            yield return PrincipalAt(FaultList.Item(chain, i), OnBehalfOf![i], "unknown-delegator");
        }
    }

    public override IEnumerable<RefusalDetail> FaultsByIds(Func<string, string> idOf, string dataPath) =>
        DelegationRules
            .Faults(idOf(Principal), [.. (OnBehalfOf ?? []).Select(idOf)])
            .Select(f => new RefusalDetail(FaultList.Item(FaultList.Member(dataPath, "onBehalfOf"), f.Index), f.Code, f.Remedy));
}

internal sealed record ApprovalClaim(string Approver, bool Approved, DateTimeOffset At);
