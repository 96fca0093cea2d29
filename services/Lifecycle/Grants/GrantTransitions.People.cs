using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// Commands from people. The engine's own rules are checked here at once; whether an approval counts, policy decides.
public sealed partial class GrantTransitions
{
    public async Task RecordApprovalAsync(BehaviorContext<Grant, ApproveGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var fresh = await AssembleAsync(session, grant, context.CancellationToken);
        if (WhyNoVote(fresh.Catalog, grant, m) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        if (grant.Approvals.Any(a => a.Approver == m.Actor.Id && a.Assurance == Assurance.Verified))
        {
            session.Refuse(Refusals.AlreadyApproved);
            return;
        }

        session.Record(
            grant,
            new ApprovalRecorded
            {
                ApprovalId = NameBasedUuid.Create(
                    grant.Id,
                    "vote\n" + m.Actor.Id + "\n" + grant.StreamVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
                ),
                Approver = m.Actor.Id,
                Assurance = m.Actor.Assurance,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );

        // While policy is being asked for the first time, the answer will find that the facts have changed, and ask again.
        if (grant.CurrentState != GrantState.Evaluating)
        {
            await StartEvaluationAsync(session, grant, EvaluationCause.Approval, context.CancellationToken);
        }
    }

    public async Task RecordRejectionAsync(BehaviorContext<Grant, RejectGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        var fresh = await AssembleAsync(session, grant, context.CancellationToken);
        if (WhyNoVote(fresh.Catalog, grant, m) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        await LeaveAsync(session, grant, context.CancellationToken);
        session.Record(
            grant,
            new GrantRejected
            {
                Approver = m.Actor.Id,
                Assurance = m.Actor.Assurance,
                Via = m.Actor.Via,
                Comment = session.Keep(grant.Id, m.Comment),
                Key = m.Key,
                At = session.Now,
            }
        );
    }

    public async Task WithdrawAsync(BehaviorContext<Grant, WithdrawGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (m.Actor.Id != grant.Requester || m.Actor.Assurance != Assurance.Verified)
        {
            session.Refuse(Refusals.NotTheRequester);
            return;
        }

        var comment = session.Keep(grant.Id, m.Comment);
        if (grant.CurrentState is GrantState.Activating or GrantState.Active)
        {
            await StartRevocationAsync(session, grant, EndReason.Withdrawn, comment, m.Key, context.CancellationToken);
            return;
        }

        await LeaveAsync(session, grant, context.CancellationToken);
        session.Record(grant, new GrantWithdrawn(m.Actor, comment, m.Key, session.Now));
    }

    public async Task RevokeAsync(BehaviorContext<Grant, RevokeGrant> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (!Repeats(grant, m))
        {
            await StartRevocationAsync(
                session,
                grant,
                EndReason.Revoked,
                session.Keep(grant.Id, m.Comment),
                m.Key,
                context.CancellationToken
            );
        }
    }

    private static Refusal? WhyNoVote(LoadedCatalog? catalog, Grant grant, GrantCommand command)
    {
        var voter = catalog?.Principal(command.Actor.Id);
        if (voter is not { Kind: PrincipalKind.Human, Active: true })
        {
            return Refusals.NotHuman;
        }

        if (command.Actor.Assurance != Assurance.Verified)
        {
            return Refusals.NotVerified;
        }

        if (IsActor(catalog!, grant.Requester, voter.Id))
        {
            return Refusals.IsRequester;
        }

        if (IsActor(catalog!, grant.Principal, voter.Id))
        {
            return Refusals.IsBeneficiary;
        }

        return grant.Gates.Count == 0 || grant.Gates.SelectMany(g => g.Slots).Any(s => MayFill(catalog!, grant, s.From, voter))
            ? null
            : Refusals.NotAnApprover;
    }

    private static bool IsActor(LoadedCatalog catalog, string principal, string human) =>
        principal == human || (catalog.Principal(principal) is { } known && catalog.ActorOf(known) == human);

    private static bool MayFill(LoadedCatalog catalog, Grant grant, string from, CatalogPrincipal voter) =>
        from.Split(':', 2) switch
        {
            ["group", var group] => voter.Groups.Contains(group, StringComparer.Ordinal),
            ["user", var id] => voter.Id == id || voter.Name == id,
            ["owner"] => catalog.Entitlement(grant.Entitlement)?.Owner == voter.Id,
            _ => false,
        };
}
