using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Tickets;
using Governance.Reading;
using Marten;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Lifecycle.Facts;

/// <summary>Gathers what a decision is made from: one catalog, and what the ledgers say is held.</summary>
/// <remarks>Must give the same document for the same state: it is assembled again under the actor's lock, and the digests are compared.</remarks>
public sealed class FactsAssembler(Catalogs catalogs, HeldAccess ledgers, IOptions<LifecycleOptions> options)
{
    public async Task<AssembledFacts> AssembleAsync(IQuerySession session, FactsQuestion question, CancellationToken cancellationToken)
    {
        var request = question.Request;
        var inForce = await session.LoadAsync<InForce>(InForce.StreamId, cancellationToken);
        if (inForce is not { Bundle: { } bundle, Catalog: { } digest })
        {
            return AssembledFacts.Impossible("not-in-force", "No policy bundle or no catalog is in force yet.", wait: true);
        }

        var catalog = await catalogs.GetAsync(session, digest, cancellationToken);
        if (catalog.Principal(question.Principal) is not { } principal)
        {
            return AssembledFacts.Impossible("unknown-principal", "The catalog does not have the principal any more.");
        }

        if (catalog.Entitlement(question.Entitlement) is not { } entitlement)
        {
            return AssembledFacts.Impossible(
                "unknown-entitlement",
                $"The catalog in force has no entitlement '{TextRules.Shown(question.Entitlement)}'."
            );
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

        if (
            !question.HasRecipientKey
            && catalog.Target(entitlement.Target) is { } target
            && TargetKinds.WithCredentials.Contains(target.Kind)
        )
        {
            return AssembledFacts.Impossible(
                "no-recipient-key",
                $"{entitlement.Target} has an account for each grant: give a recipientKey, to which its credential is sealed."
            );
        }

        if ((question.OnBehalfOf ?? []).FirstOrDefault(id => catalog.Principal(id) is null) is not null)
        {
            return AssembledFacts.Impossible(
                "unknown-delegator",
                "The catalog does not have somebody any more on whose behalf access is asked for."
            );
        }

        var human = catalog.ActorOf(principal);
        var held = await ledgers.HeldAsync(session, catalog, principal, human, request.Grant, question.HeldBefore, cancellationToken);
        var facts = Build(catalog, question, principal, entitlement, human, held) with
        {
            Place = question.Approvals.Any(a => a.Ballot is not null) ? new PlaceFacts(account, entitlement.Privilege) : null,
            UnreviewedEmergencies = request is { Emergency: true, Ticket: { } incident }
                ? await ledgers.UnreviewedAsync(session, request, incident, cancellationToken)
                : null,
            OverdueReviews = request.Emergency ? await ledgers.OverdueReviewsAsync(session, request.Requester, cancellationToken) : null,
        };
        if (question.OnBehalfOf is { } chain)
        {
            facts = Complete(catalog, facts, await ledgers.DelegationAsync(session, chain, entitlement.Id, cancellationToken));
        }

        var text = CanonicalJson.Serialize(facts, WireJson.Options);
        return new AssembledFacts
        {
            Facts = facts,
            Text = text,
            Digest = CanonicalJson.Digest(text),
            OwnDigest = CanonicalJson.Digest(CanonicalJson.Serialize(WithoutHeld(facts), WireJson.Options)),
            Bundle = bundle,
            Catalog = catalog,
            Human = human,
            Binding = new()
            {
                Target = entitlement.Target,
                Account = account,
                Privilege = entitlement.Privilege,
            },
            ActivationBudget = catalog.Target(entitlement.Target)?.ActivationBudget,
        };
    }

    // What the catalog says of whom and what the facts name goes by the catalog's digest.
    private static AccessFacts WithoutHeld(AccessFacts facts) =>
        facts with
        {
            Principals = [],
            Entitlements = [],
            Targets = [],
            Conflicts = null,
            Actor = facts.Actor is null ? null : facts.Actor with { Held = [], ConflictingHolders = [] },
            Held = [],
            Delegation = null,
            UnreviewedEmergencies = null,
        };

    private AccessFacts Build(
        LoadedCatalog catalog,
        FactsQuestion question,
        CatalogPrincipal principal,
        CatalogEntitlement entitlement,
        string? human,
        Held held
    )
    {
        var others = Votes.SentBy(catalog, question.Sender, question.KnownBehind);
        string[] sentBy = [.. others.Where(id => id != question.Request.Requester && id != principal.Id)];
        var request = question.Request with
        {
            SentBy = sentBy.Length == 0 ? null : sentBy,
            Ticket = question.Request.Ticket is { } ticket
                ? ticket with
                {
                    State = TicketStates.Seen(catalog, question.Request.Source, ticket.State, question.TicketClosed),
                }
                : null,
        };
        var conflicts = catalog.ConflictsOf(entitlement.Id);
        var named = new SortedSet<string>(StringComparer.Ordinal) { principal.Id, request.Requester, entitlement.Owner };
        named.UnionWith(question.Approvals.Select(a => a.Approver));
        named.UnionWith(sentBy);
        named.UnionWith(sentBy.Select(id => catalog.Principal(id)?.Owner).OfType<string>());
        named.UnionWith(
            new[]
            {
                human,
                principal.Owner,
                principal.Sponsor,
                catalog.Principal(request.Requester)?.Owner,
                request.Ticket?.Assignee,
                question.Reviewer,
            }.OfType<string>()
        );
        var entitlements = new SortedSet<string>(conflicts, StringComparer.Ordinal) { entitlement.Id };
        entitlements.UnionWith(held.ByActor);
        entitlements.UnionWith(held.ByPrincipal);
        var facts = new AccessFacts
        {
            Catalog = catalog.Digest,
            Request = request,
            Principal = principal.Id,
            Entitlement = entitlement.Id,
            Principals = [],
            Entitlements = [],
            Targets = [],
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
            Reviewer = question.Reviewer,
            Approvals = question.Approvals,
            SystemMaxDuration =
                request.Emergency && options.Value.BreakGlassMaxDuration < options.Value.MaxDuration
                    ? options.Value.BreakGlassMaxDuration
                    : options.Value.MaxDuration,
        };
        return Describe(catalog, facts, named, entitlements);
    }

    /// <summary>With those on whose behalf the grantee acts, and what they have.</summary>
    private static AccessFacts Complete(LoadedCatalog catalog, AccessFacts facts, IReadOnlyList<DelegatorFacts> delegation) =>
        Describe(
            catalog,
            facts with
            {
                Delegation = delegation,
            },
            new SortedSet<string>(facts.Principals.Select(p => p.Id).Concat(delegation.Select(d => d.Principal)), StringComparer.Ordinal),
            new SortedSet<string>(facts.Entitlements.Select(e => e.Id).Concat(delegation.SelectMany(d => d.Held)), StringComparer.Ordinal)
        );

    /// <summary>What the catalog says about whom and what the facts name.</summary>
    private static AccessFacts Describe(
        LoadedCatalog catalog,
        AccessFacts facts,
        SortedSet<string> principals,
        SortedSet<string> entitlements
    )
    {
        var known = entitlements.Select(catalog.Entitlement).OfType<CatalogEntitlement>().ToList();
        principals.UnionWith(known.Select(e => e.Owner));
        return facts with
        {
            Principals = [.. principals.Select(catalog.Principal).OfType<CatalogPrincipal>().Select(ToFacts)],
            Entitlements = [.. known.Select(e => ToFacts(catalog, e))],
            Targets =
            [
                .. known
                    .Select(e => e.Target)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(catalog.Target)
                    .OfType<CatalogTarget>()
                    .Select(ToFacts),
            ],
            Conflicts = Conflicts(catalog, known, facts.Actor?.Human),
        };
    }

    private static IReadOnlyList<ConflictFacts> Conflicts(LoadedCatalog catalog, List<CatalogEntitlement> known, string? human) =>
        [
            .. catalog
                .Content.Conflicts.Where(c => known.Exists(e => c.Entitlements.Contains(e.Id, StringComparer.Ordinal)))
                .OrderBy(c => c.Id, StringComparer.Ordinal)
                .Select(c => new ConflictFacts
                {
                    Id = c.Id,
                    Entitlements = c.Entitlements,
                    Owner = c.Owner,
                    Exemptions = ExemptionsOf(c, human),
                }),
        ];

    private static IReadOnlyList<ExemptionFacts>? ExemptionsOf(CatalogConflict conflict, string? human) =>
        (conflict.Exemptions ?? []).Where(e => e.Human == human).ToList() is { Count: > 0 } own
            ?
            [
                .. own.OrderBy(e => e.Id, StringComparer.Ordinal)
                    .Select(e => new ExemptionFacts
                    {
                        Id = e.Id,
                        Human = e.Human,
                        From = e.From,
                        Until = e.Until,
                        CompensatingControl = e.CompensatingControl,
                        ApprovedBy = e.ApprovedBy,
                    }),
            ]
            : null;

    private static TargetFacts ToFacts(CatalogTarget t) =>
        new()
        {
            Id = t.Id,
            Kind = t.Kind,
            Environment = t.Environment,
            Tier = t.Tier,
        };

    private static PrincipalFacts ToFacts(CatalogPrincipal p) =>
        new()
        {
            Id = p.Id,
            Kind = p.Kind,
            Owner = p.Owner,
            Sponsor = p.Sponsor,
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
}
