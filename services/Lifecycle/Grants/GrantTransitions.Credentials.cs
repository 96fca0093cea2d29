using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Facts;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// What somebody logs in with by a grant's own account. Lifecycle knows only its number and whom it is for.
public sealed partial class GrantTransitions
{
    public async Task RotateCredentialAsync(BehaviorContext<Grant, RotateCredential> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (Repeats(grant, m))
        {
            return;
        }

        if (await ObjectionToHolderAsync(session, grant, m, context.CancellationToken) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        if (grant.CredentialNumber == 0)
        {
            session.Refuse(Refusals.NoCredential);
            return;
        }

        var next = new LeaseCredential(grant.CredentialNumber + 1, m.RecipientKey ?? grant.RecipientKey!);
        var ledger = await session.LedgerAsync(context.CancellationToken);
        var leases = Leases(ledger, grant).Append(LeaseOf(grant, grant.ExpiresAt!.Value, next));
        var revision = Desire(session, ledger, grant, leases, ledger.Holdings[grant.Entitlement].Binding, awaited: false);
        session.Record(
            grant,
            new CredentialRotated
            {
                Number = next.Number,
                RecipientKey = next.Key,
                HoldingRevision = revision,
                Actor = m.Actor,
                Key = m.Key,
                At = session.Now,
            }
        );
    }

    /// <summary>Once for each credential, whoever asks: the record is the lock.</summary>
    public async Task HandOutCredentialAsync(BehaviorContext<Grant, HandOutCredential> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (await ObjectionToHolderAsync(session, grant, m, context.CancellationToken) is { } refusal)
        {
            session.Refuse(refusal);
        }
        else if (grant.CredentialNumber == 0)
        {
            session.Refuse(Refusals.NoCredential);
        }
        else if (grant.HandedOut >= grant.CredentialNumber)
        {
            session.Refuse(Refusals.CredentialGone);
        }
        else if (m.Number != grant.CredentialNumber)
        {
            session.Refuse(Refusals.CredentialNotReady);
        }
        else
        {
            session.Record(grant, new CredentialHandedOut(m.Number, m.Actor, session.Now));
        }
    }

    /// <summary>The requester, the grantee itself, or the person who owns it.</summary>
    private async Task<Refusal?> ObjectionToHolderAsync(
        GrantSession session,
        Grant grant,
        GrantCommand command,
        CancellationToken cancellationToken
    )
    {
        if (command.Actor.Assurance != Assurance.Verified)
        {
            return Refusals.HolderNotVerified;
        }

        if (command.Actor.Id == grant.Requester || command.Actor.Id == grant.Principal)
        {
            return null;
        }

        var catalog = (await AssembleAsync(session, grant, DecisionPurpose.Retain, cancellationToken)).Catalog;
        return catalog is not null && Votes.IsBehind(catalog, grant.Principal, command.Actor.Id) ? null : Refusals.NotTheHolder;
    }

    private static LeaseCredential? NextCredential(Grant grant, AssembledFacts fresh) =>
        grant.RecipientKey is { } key && TargetKinds.WithCredentials.Contains(fresh.Catalog!.Target(fresh.Binding!.Target)!.Kind)
            ? new LeaseCredential(grant.CredentialNumber + 1, key)
            : null;

    private static LeaseCredential? CredentialOf(Grant grant) =>
        grant.CredentialNumber > 0 ? new LeaseCredential(grant.CredentialNumber, grant.RecipientKey!) : null;

    private static Lease LeaseOf(Grant grant, DateTimeOffset until, LeaseCredential? credential) =>
        new(grant.Id, until) { Credential = credential };
}
