using System.Globalization;
using Governance.Catalog;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;
using YamlDotNet.Core;

namespace Governance.Cli.Cases;

/// <summary>Makes the facts of a case as Lifecycle makes those of a request: only what the decision names is in them.</summary>
internal sealed class CaseFacts(string path, Mark start, LoadedCatalog catalog, Given given, List<YamlFault> faults)
{
    private readonly CaseNames _names = new(path, start, catalog, faults);
    private readonly SortedSet<string> _named = new(StringComparer.Ordinal);
    private readonly TimeSpan _longest = given.SystemMaxDuration ?? (given.Emergency ? TimeSpan.FromHours(4) : TimeSpan.FromDays(30));

    /// <summary>The facts; null where the case names something that is not there.</summary>
    public AccessFacts? Build()
    {
        var before = faults.Count;
        var principal = _names.Principal(given.Principal, "principal");
        var entitlement = _names.Entitlement(given.Entitlement, "entitlement");
        if (principal is null || entitlement is null)
        {
            return null;
        }

        var changes = new CaseChanges(_names, given.Change);
        var human = changes.OwnerOf(principal);
        var requester =
            (given.Requester is null ? null : _names.Principal(given.Requester, "requester")) ?? catalog.Principal(human ?? principal.Id)!;
        var delegation = Delegators();
        var holdings = new CaseHoldings(_names, catalog, changes, given.Held).For(
            principal,
            human,
            delegation.ConvertAll(d => d.Principal)
        );
        Name(principal.Id, human, changes.SponsorOf(principal), requester.Id, changes.OwnerOf(requester));
        var reviewer = given.Purpose == DecisionPurpose.Review ? _names.Principal(given.Reviewer, "reviewer")?.Id : null;
        Name(reviewer);
        var sentBy = (given.SentBy ?? []).Select(name => _names.Principal(name, "sentBy")).OfType<CatalogPrincipal>().ToList();
        Name([.. sentBy.Select(p => p.Id), .. sentBy.Select(changes.OwnerOf)]);
        var request = Request(requester.Id) with
        {
            SentBy =
                sentBy.Count == 0 ? null : [.. sentBy.Select(p => p.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        var approvals = Approvals(request);
        var entitlements = new SortedSet<string>(catalog.ConflictsOf(entitlement.Id), StringComparer.Ordinal) { entitlement.Id };
        entitlements.UnionWith(holdings.OfActor);
        entitlements.UnionWith(delegation.SelectMany(d => holdings.Of(d.Principal)));
        var known = entitlements
            .Select(catalog.Entitlement)
            .OfType<CatalogEntitlement>()
            .Select(e => changes.Apply(e, catalog.ConflictsOf(e.Id)))
            .ToList();
        Name([.. known.Select(e => e.Owner)]);
        var conflicts = new CaseConflicts(_names, catalog, given.Exemptions).Of(entitlements, human);
        var facts = new AccessFacts
        {
            Catalog = catalog.Digest,
            Request = request,
            Principal = principal.Id,
            Entitlement = entitlement.Id,
            Principals = [.. _named.Select(catalog.Principal).OfType<CatalogPrincipal>().Select(changes.Apply)],
            Entitlements = known,
            Targets =
            [
                .. known
                    .Select(e => e.Target)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(catalog.Target)
                    .OfType<CatalogTarget>()
                    .Select(changes.Apply),
            ],
            Actor = human is null
                ? null
                : new ActorFacts
                {
                    Human = human,
                    ConflictingHolders = holdings.ConflictingWith(entitlement.Id),
                    Held = holdings.OfActor,
                },
            Held = holdings.Of(principal.Id),
            Conflicts = conflicts,
            Delegation = delegation.Count == 0 ? null : [.. delegation.Select(d => Delegator(d, holdings, entitlement.Id))],
            OverdueReviews = given.OverdueReviews is { Count: > 0 } overdue ? [.. overdue.Order()] : null,
            UnreviewedEmergencies = given.UnreviewedEmergencies is { Count: > 0 } unreviewed ? [.. unreviewed.Order()] : null,
            Reviewer = reviewer,
            Approvals = approvals,
            SystemMaxDuration = _longest,
        };
        changes.CheckAllUsed(facts);
        return faults.Count == before ? facts : null;
    }

    private RequestFacts Request(string requester) =>
        new()
        {
            Grant = given.Grant,
            Requester = requester,
            RequesterAssurance = given.RequesterAssurance,
            Via = given.Via,
            Source = given.Source,
            Duration = given.Duration,
            NotBefore = given.NotBefore,
            Emergency = given.Emergency,
            EmergencyAssurance = given.EmergencyAssurance ?? (given.Emergency ? Assurance.Verified : Assurance.Claimed),
            Ticket = given.Ticket is { } ticket ? Ticket(ticket) : null,
            DelegationAssurance = given.OnBehalfOf is { Count: > 0 } ? given.DelegationAssurance : null,
            Revision = given.Revision,
        };

    private TicketFacts Ticket(GivenTicket ticket)
    {
        var assignee = ticket.Assignee is null ? null : _names.Principal(ticket.Assignee, "ticket.assignee")?.Id;
        Name(assignee);
        return new TicketFacts
        {
            System = ticket.System,
            Key = ticket.Key,
            State = TicketStates.Seen(catalog, given.Source, ticket.State, closed: false),
            Assurance = ticket.Assurance,
            Assignee = assignee,
            ConfigurationItem = ticket.ConfigurationItem,
            ChangeWindow = ticket.ChangeWindow is { } window
                ? new ChangeWindow(
                    _names.Required(window.Start, "ticket.changeWindow.start"),
                    _names.Required(window.End, "ticket.changeWindow.end")
                )
                : null,
        };
    }

    private List<ApprovalFacts> Approvals(RequestFacts request)
    {
        var approvals = new List<ApprovalFacts>();
        foreach (var vote in given.Approvals)
        {
            if (_names.Principal(vote.By, "approvals.by") is not { } approver)
            {
                continue;
            }

            Name(approver.Id);
            approvals.Add(
                new ApprovalFacts
                {
                    Id = NameBasedUuid.Create(given.Grant, approvals.Count.ToString(CultureInfo.InvariantCulture)),
                    Approver = approver.Id,
                    At = vote.At ?? given.Now,
                    Assurance = vote.Assurance,
                    Via = vote.Via,
                    Duration = vote.Duration,
                    Revision = vote.Revision ?? request.Revision,
                }
            );
        }

        return approvals;
    }

    private List<(string Principal, GivenDelegator Given)> Delegators()
    {
        var delegators = (given.OnBehalfOf ?? [])
            .Select(d => (_names.Principal(d.Principal, "onBehalfOf.principal")?.Id ?? "", d))
            .Where(d => d.Item1.Length > 0)
            .ToList();
        Name([.. delegators.Select(d => d.Item1)]);
        return delegators;
    }

    private DelegatorFacts Delegator((string Principal, GivenDelegator Given) delegator, CaseHoldings.Read holdings, string entitlement)
    {
        var held = holdings.Of(delegator.Principal);
        return new DelegatorFacts
        {
            Principal = delegator.Principal,
            Held = held,
            HeldUntil = delegator.Given.HeldUntil ?? (held.Contains(entitlement, StringComparer.Ordinal) ? given.Now + _longest : null),
        };
    }

    private void Name(params string?[] ids) => _named.UnionWith(ids.OfType<string>());
}
