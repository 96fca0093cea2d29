using Governance.Contracts.Decisions;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Principals;
using Marten;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Lifecycle.Facts;

/// <summary>Gathers what a decision is made from: one catalog, and what the ledgers say is held.</summary>
/// <remarks>Must give the same document for the same state: it is assembled again under the actor's lock, and the digests are compared.</remarks>
public sealed class FactsAssembler(Catalogs catalogs, IDocumentStore store, IOptions<LifecycleOptions> options)
{
    public async Task<AssembledFacts> AssembleAsync(
        IQuerySession session,
        RequestFacts request,
        string principalId,
        string entitlementId,
        IReadOnlyList<ApprovalFacts> approvals,
        CancellationToken cancellationToken
    )
    {
        var inForce = await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken);
        if (inForce is not { Bundle: { } bundle, Catalog: { } digest })
        {
            return AssembledFacts.Impossible("not-in-force", "No policy bundle or no catalog is in force yet.", wait: true);
        }

        var catalog = await catalogs.GetAsync(session, digest, cancellationToken);
        if (catalog.Principal(principalId) is not { } principal)
        {
            return AssembledFacts.Impossible("unknown-principal", "The catalog does not have the principal any more.");
        }

        if (catalog.Entitlement(entitlementId) is not { } entitlement)
        {
            return AssembledFacts.Impossible("unknown-entitlement", "The catalog does not have the entitlement any more.");
        }

        if (catalog.Principal(request.Requester) is null)
        {
            return AssembledFacts.Impossible("unknown-requester", "The catalog does not have the requester any more.");
        }

        if (!principal.Accounts.TryGetValue(entitlement.Target, out var account))
        {
            return AssembledFacts.Impossible(
                "no-account",
                $"The catalog has no account of the principal at {entitlement.Target}: add it under accounts."
            );
        }

        var human = catalog.ActorOf(principal);
        var held = await HeldAsync(session, catalog, principal, human, request.Grant, cancellationToken);
        var facts = Build(catalog, request, principal, entitlement, human, held, approvals);
        var text = CanonicalJson.Serialize(facts, WireJson.Options);
        return new AssembledFacts
        {
            Facts = facts,
            Text = text,
            Digest = CanonicalJson.Digest(text),
            Bundle = bundle,
            Catalog = catalog,
            Human = human,
            Binding = new()
            {
                Target = entitlement.Target,
                Account = account,
                Privilege = entitlement.Privilege,
            },
        };
    }

    private AccessFacts Build(
        LoadedCatalog catalog,
        RequestFacts request,
        CatalogPrincipal principal,
        CatalogEntitlement entitlement,
        string? human,
        Held held,
        IReadOnlyList<ApprovalFacts> approvals
    )
    {
        var conflicts = catalog.ConflictsOf(entitlement.Id);
        var named = new SortedSet<string>(StringComparer.Ordinal) { principal.Id, request.Requester, entitlement.Owner };
        named.UnionWith(approvals.Select(a => a.Approver));
        named.UnionWith(new[] { human, principal.Owner, catalog.Principal(request.Requester)?.Owner }.OfType<string>());
        var entitlements = new SortedSet<string>(conflicts, StringComparer.Ordinal) { entitlement.Id };
        entitlements.UnionWith(held.ByActor);
        entitlements.UnionWith(held.ByPrincipal);
        var known = entitlements.Select(catalog.Entitlement).OfType<CatalogEntitlement>().ToList();
        named.UnionWith(known.Select(e => e.Owner));
        return new AccessFacts
        {
            Catalog = catalog.Digest,
            Request = request,
            Principal = principal.Id,
            Entitlement = entitlement.Id,
            Principals = [.. named.Select(catalog.Principal).OfType<CatalogPrincipal>().Select(ToFacts)],
            Entitlements = [.. known.Select(e => ToFacts(catalog, e))],
            Targets =
            [
                .. known
                    .Select(e => e.Target)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(catalog.Target)
                    .OfType<CatalogTarget>()
                    .Select(t => new TargetFacts
                    {
                        Id = t.Id,
                        Kind = t.Kind,
                        Environment = t.Environment,
                        Tier = t.Tier,
                    }),
            ],
            Actor = human is null
                ? null
                : new ActorFacts
                {
                    Human = human,
                    Held = held.ByActor,
                    ConflictingHolders =
                    [
                        .. held
                            .Holders.Where(h => conflicts.Contains(h.Entitlement, StringComparer.Ordinal))
                            .Select(h => h.Principal)
                            .Distinct(StringComparer.Ordinal)
                            .Order(StringComparer.Ordinal),
                    ],
                },
            Held = held.ByPrincipal,
            Approvals = approvals,
            SystemMaxDuration = options.Value.MaxDuration,
        };
    }

    private async Task<Held> HeldAsync(
        IQuerySession session,
        LoadedCatalog catalog,
        CatalogPrincipal principal,
        string? human,
        Guid self,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<string> members = human is null ? [principal.Id] : [human, principal.Id, .. catalog.OwnedBy(human)];
        var ids = members.Distinct(StringComparer.Ordinal).Select(NameBasedUuid.ForPrincipal).ToArray();
        var table = store.Options.Schema.For<PrincipalLedger>();
        await using var command = new NpgsqlCommand(
            $"""
            select d.data ->> 'principal', c.value
            from {table} d, jsonb_each_text(d.data -> 'claims') c
            where d.id = any($1) and c.key <> $2
            """
        );
        command.Parameters.Add(new() { Value = ids });
        command.Parameters.Add(new() { Value = self.ToString() });
        var holders = new List<(string Principal, string Entitlement)>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                holders.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        return new Held(Distinct(holders.Where(h => h.Principal == principal.Id)), Distinct(holders), holders);
    }

    private static List<string> Distinct(IEnumerable<(string Principal, string Entitlement)> holders) =>
        [.. holders.Select(h => h.Entitlement).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static PrincipalFacts ToFacts(CatalogPrincipal p) =>
        new()
        {
            Id = p.Id,
            Kind = p.Kind,
            Owner = p.Owner,
            Active = p.Active,
            Groups = p.Groups,
            Environment = p.Environment,
        };

    private static EntitlementFacts ToFacts(LoadedCatalog catalog, CatalogEntitlement e) =>
        new()
        {
            Id = e.Id,
            Target = e.Target,
            Risk = e.Risk,
            MaxDuration = e.MaxDuration,
            Owner = e.Owner,
            Privileges = e.Privileges,
            Conflicts = catalog.ConflictsOf(e.Id),
        };

    private sealed record Held(List<string> ByPrincipal, List<string> ByActor, List<(string Principal, string Entitlement)> Holders);
}
