using Governance.Connectors;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Holdings;
using Governance.Sealing;
using Npgsql;

namespace Governance.Issuance.Credentials;

/// <summary>Sealed credentials until they are taken. What is in them is known only to this process while it seals them.</summary>
internal sealed class CredentialStore(NpgsqlDataSource database)
{
    /// <summary>The grants of a claim for which a credential is still to be made.</summary>
    public async Task<IReadOnlySet<Guid>> MissingAsync(HoldingClaim claim, CancellationToken cancellationToken)
    {
        var wanted = claim.Desired.Leases.Where(l => l.Credential is not null).ToList();
        if (wanted.Count == 0)
        {
            return new HashSet<Guid>();
        }

        await using var command = database.CreateCommand(
            """
            select w.grant_id from unnest($1::uuid[], $2::integer[]) w (grant_id, number)
            where not exists (select from issuance.credentials c where c.grant_id = w.grant_id and c.number >= w.number)
            """
        );
        command.Parameters.Add(new() { Value = wanted.Select(l => l.GrantId).ToArray() });
        command.Parameters.Add(new() { Value = wanted.Select(l => l.Credential!.Number).ToArray() });
        var missing = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            missing.Add(reader.GetGuid(0));
        }

        return missing;
    }

    /// <summary>Seals what an attempt made and keeps it, if the claim is still its own.</summary>
    /// <returns>False when the claim is no longer ours: another attempt makes others.</returns>
    public async Task<bool> KeepAsync(HoldingClaim claim, IReadOnlyList<Credential> made, CancellationToken cancellationToken)
    {
        foreach (var credential in made)
        {
            var request = claim.Leases.First(l => l.GrantId == credential.Grant).Credential!;
            await using var command = database.CreateCommand(
                """
                insert into issuance.credentials as c (grant_id, number, principal, entitlement, sealed, made_at)
                select $1, $2, h.principal, h.entitlement, $3, clock_timestamp()
                from issuance.holdings h where h.principal = $4 and h.entitlement = $5 and h.claim_owner = $6
                on conflict (grant_id) do update set
                    number = excluded.number, sealed = excluded.sealed, made_at = excluded.made_at, taken_at = null
                where c.number <= excluded.number
                """
            );
            CommandParameters.Add(
                command,
                credential.Grant,
                request.Number,
                Sealed(claim, request, credential),
                claim.Principal,
                claim.Entitlement,
                claim.Id
            );
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Forgets the credentials of grants that the holding does not have any more, if the claim is still its own.</summary>
    public async Task ForgetAsync(HoldingClaim claim, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            delete from issuance.credentials c using issuance.holdings h
            where h.principal = $1 and h.entitlement = $2 and h.claim_owner = $3
              and c.principal = h.principal and c.entitlement = h.entitlement and not c.grant_id = any($4)
            """
        );
        CommandParameters.Add(command, claim.Principal, claim.Entitlement, claim.Id, claim.Desired.Leases.Select(l => l.GrantId).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The number of the credential that waits for a grant's recipient; null when none does.</summary>
    public async Task<int?> ReadyAsync(Guid grant, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select number from issuance.credentials where grant_id = $1 and sealed is not null"
        );
        CommandParameters.Add(command, grant);
        return (int?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The sealed credential, once.</summary>
    public async Task<string?> TakeAsync(Guid grant, int number, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            with taken as (
                select grant_id, sealed from issuance.credentials
                where grant_id = $1 and number = $2 and sealed is not null for update
            )
            update issuance.credentials c set sealed = null, taken_at = clock_timestamp()
            from taken where c.grant_id = taken.grant_id
            returning taken.sealed
            """
        );
        CommandParameters.Add(command, grant, number);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static string Sealed(HoldingClaim claim, LeaseCredential request, Credential credential) =>
        SealedCredential.Seal(request, credential.Grant, claim.Binding.Target, credential.Members);
}
