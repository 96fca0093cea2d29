using CsCheck;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>
/// Any people, identities, owners, senders and votes, decided by the whole engine, held against the rules of voting as sets: who stands behind
/// a request, who is left, and what places they can fill at best. A failure names the seed that repeats it.
/// </summary>
public sealed class When_anybody_votes
{
    private const int Iterations = 600;
    private const string Stranger = "nobody-knows";
    private static readonly string[] Humans = ["h0", "h1", "h2", "h3", "h4", "h5"];
    private static readonly string[] Identities = ["n0", "n1", "n2", "n3"];
    private static readonly string[] Terms = ["1 of group:a", "2 of group:b", "1 of owner", "1 of user:h1", "2 of group:a"];
    private readonly Tally _tally = new();
    private int _filled;
    private int _involved;

    [Test]
    public void Should_fill_what_can_be_filled_by_those_who_do_not_stand_behind_it_in_whatever_order_they_vote()
    {
        Gen.Int[0, int.MaxValue - 1].Sample(seed => Holds(new Random(seed)), iter: Iterations);

        TestContext.Out.WriteLine($"{_tally}; {_filled} places filled; {_involved} votes of those who stand behind it");
        Assert.Multiple(() =>
        {
            Assert.That(_filled, Is.GreaterThan(Iterations / 4), "it was really tried");
            Assert.That(_involved, Is.GreaterThan(Iterations / 4));
            Assert.That(_tally.ToString(), Does.Contain(DecisionReasons.Permitted).And.Contain(DecisionReasons.ApprovalRequired));
        });
    }

    private bool Holds(Random random)
    {
        var facts = World(random);
        var requirements = Requirements(random);
        var bundle = Texts.Bundle([
            Texts.MayRequest,
            Texts.MayApprove,
            Texts.Permit("p"),
            .. requirements.Select((requirement, number) => Texts.Gate($"g{number}", requirement)),
        ]);
        var votes = Votes(random);
        var decision = Decide(bundle, facts, votes);
        _tally.Add(decision);

        // The rules, as sets.
        var owners = facts.Principals.ToDictionary(p => p.Id, p => p.Owner, StringComparer.Ordinal);
        string[] named =
        [
            facts.Principal,
            facts.Request.Requester,
            .. facts.Request.SentBy ?? [],
            .. (facts.Delegation ?? []).Select(d => d.Principal),
        ];
        var behind = named.Concat(named.Select(owners.GetValueOrDefault).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        var electors = facts
            .Principals.Where(p => p is { Kind: PrincipalKind.Human, Active: true })
            .Where(p => !behind.Contains(p.Id) && votes.Exists(v => v.Approver == p.Id && v.Assurance == Assurance.Verified))
            .ToList();
        var owner = facts.Entitlements.Single(e => e.Id == facts.Entitlement).Owner;
        var places = requirements.SelectMany(PlacesOf).ToList();
        var most = Most(places, electors, owner);

        var slots = decision.Gates.SelectMany(g => g.Slots).ToList();
        var filled = slots.Where(s => s.Approver is not null).ToList();
        Interlocked.Add(ref _filled, filled.Count);
        Interlocked.Add(ref _involved, votes.Count(v => behind.Contains(v.Approver)));
        var counted = filled.Select(s => s.Approval!.Value).ToHashSet();
        var again = Decide(bundle, facts, [.. votes.OrderBy(_ => random.Next())]);
        return slots
                .Select(s => s.From)
                .Order(StringComparer.Ordinal)
                .SequenceEqual(places.Order(StringComparer.Ordinal), StringComparer.Ordinal)
            && filled.Count == most
            && filled.Select(s => s.Approver).Distinct(StringComparer.Ordinal).Count() == filled.Count
            && filled.TrueForAll(s => electors.Exists(p => p.Id == s.Approver && Fits(s.From, p, owner)))
            && decision.Outcome == (most == places.Count ? Outcome.Permit : Outcome.ApprovalRequired)
            // Every vote is one that counts or one of which is said why not.
            && votes.TrueForAll(v => counted.Contains(v.Id) != decision.Uncounted.Any(u => u.Approval == v.Id))
            && again.Outcome == decision.Outcome
            && again.Gates.SelectMany(g => g.Slots).Count(s => s.Approver is not null) == filled.Count;
    }

    private static Decision Decide(PolicyBundle bundle, AccessFacts facts, IReadOnlyList<ApprovalFacts> votes) =>
        new DecisionEngine(TheEngine.Shared).Decide(DecisionPurpose.Issue, Facts.Now, bundle, facts with { Approvals = votes });

    private static AccessFacts World(Random random)
    {
        PrincipalFacts[] principals =
        [
            .. Humans.Select(id =>
                Facts.Human(id, [.. new[] { "a", "b" }.Where(_ => random.Next(2) == 0)]) with
                {
                    Active = random.Next(8) != 0,
                }
            ),
            .. Identities.Select(id => Facts.Nhi(id, PrincipalKind.ServiceAccount, random.Next(8) == 0 ? null : One(random, Humans), "a")),
        ];
        string[] all = [.. Humans, .. Identities];
        var grantee = One(random, Identities);
        var human = principals.Single(p => p.Id == grantee).Owner;
        var facts = Facts.Of(principal: grantee, requester: One(random, all)).With(principals);
        facts = facts with
        {
            Actor = human is null ? null : Facts.Actor(human),
            Entitlements = [.. facts.Entitlements.Select(e => e with { Owner = One(random, Humans) })],
            Request = facts.Request with { SentBy = random.Next(2) == 0 ? null : [One(random, all), One(random, all)] },
        };
        var delegator = One(random, all);
        return random.Next(4) == 0 && delegator != grantee ? facts.OnBehalfOf(delegator, TimeSpan.FromHours(8)) : facts;
    }

    private static string[] Requirements(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => string.Join(" and ", Distinct(random)))];

    // One term for each kind of people.
    private static IEnumerable<string> Distinct(Random random) =>
        Terms.OrderBy(_ => random.Next()).Take(random.Next(1, 3)).DistinctBy(term => term[5..], StringComparer.Ordinal);

    private static List<ApprovalFacts> Votes(Random random) =>
        [
            .. Enumerable
                .Range(1, random.Next(0, 9))
                .Select(number => new ApprovalFacts
                {
                    Id = Facts.VoteId(number),
                    Approver = random.Next(6) == 0 ? One(random, [.. Identities, Stranger]) : One(random, Humans),
                    At = Facts.Now,
                    Assurance = random.Next(6) == 0 ? Assurance.Claimed : Assurance.Verified,
                    Via = "http",
                }),
        ];

    private static IEnumerable<string> PlacesOf(string requirement) =>
        requirement.Split(" and ", StringSplitOptions.None).SelectMany(term => Enumerable.Repeat(term[5..], term[0] - '0'));

    private static bool Fits(string place, PrincipalFacts person, string owner) =>
        place == "owner" ? person.Id == owner
        : place.StartsWith("group:", StringComparison.Ordinal) ? person.Groups.Contains(place["group:".Length..], StringComparer.Ordinal)
        : place == "user:" + person.Id;

    /// <summary>Tries every way to give each place to somebody or nobody.</summary>
    private static int Most(IReadOnlyList<string> places, IReadOnlyList<PrincipalFacts> people, string owner)
    {
        if (places.Count == 0 || people.Count == 0)
        {
            return 0;
        }

        string[] rest = [.. places.Skip(1)];
        return people
            .Where(person => Fits(places[0], person, owner))
            .Select(person => 1 + Most(rest, [.. people.Where(other => other != person)], owner))
            .Append(Most(rest, people, owner))
            .Max();
    }

    private static string One(Random random, string[] of) => of[random.Next(of.Length)];
}
