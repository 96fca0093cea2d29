using CsCheck;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Tests;

public sealed class When_places_are_matched
{
    private static readonly string[] Groups = ["a", "b", "c"];
    private static readonly string[] Terms = ["1 of group:a", "2 of group:a", "1 of group:b", "2 of group:c", "1 of owner", "1 of user:v1"];

    private static readonly Gen<PolicyDefinition[]> Gates = Gen.Shuffle(Terms, 1, 3)
        .Where(terms => terms.Select(term => term[5..]).Distinct(StringComparer.Ordinal).Count() == terms.Length)
        .Select(terms => string.Join(" and ", terms))
        .Array[1, 2]
        .Select(requirements => requirements.Select(Gate).ToArray());

    private static readonly Gen<Voter[]> Voters = Gen.Select(Gen.Shuffle(Groups, 0, 3), Gen.Bool)
        .Array[0, 6]
        .Select(people => people.Select((person, number) => Voter(number, person.Item1, person.Item2)).ToArray());

    [Test]
    public void Should_fill_as_many_as_any_placing_could_and_nobody_twice() =>
        Gen.Select(Gates, Voters)
            .Sample(
                (gates, voters) =>
                {
                    var slots = new Slots(gates);
                    var accepted = voters.Where(slots.TryPlace).ToList();
                    var placed = slots.Voters.ToList();
                    var places = gates.SelectMany(slots.Of).ToList();
                    var most = Most([.. places.Select(place => place.From)], voters);
                    return placed.Count == most
                        && placed.Distinct().Count() == placed.Count
                        && accepted.ToHashSet().SetEquals(placed)
                        && places.TrueForAll(place => place.Voter is null || place.Voter.Fits(place.From))
                        && slots.AllFilled == (most == places.Count);
                },
                iter: 20_000,
                print: one =>
                    $"{string.Join("; ", one.Item1.Select(gate => gate.Approval!.Text))} by {string.Join(" ", one.Item2.Select(voter => $"{voter.Person.Id}:{string.Join('+', voter.Person.Groups)}{(voter.Owner == voter.Person.Id ? "+owner" : "")}"))}"
            );

    /// <summary>Tries every way to give the first place to somebody or nobody, and the rest likewise.</summary>
    private static int Most(ReadOnlySpan<Approvers> places, Voter[] voters)
    {
        if (places.Length == 0)
        {
            return 0;
        }

        var most = Most(places[1..], voters);
        foreach (var voter in voters)
        {
            if (voter.Fits(places[0]))
            {
                most = Math.Max(most, 1 + Most(places[1..], Array.FindAll(voters, other => other != voter)));
            }
        }

        return most;
    }

    private static PolicyDefinition Gate(string requirement) =>
        new()
        {
            Id = "g",
            Text = requirement,
            Effect = PolicyEffect.Forbid,
            Approval = ApprovalRequirement.TryParse(requirement, out var read, out var fault) ? read : throw new AssertionException(fault),
        };

    private static Voter Voter(int number, string[] groups, bool owns)
    {
        var facts = Facts.Of().Vote($"v{number}");
        var person = new Person($"v{number}", PrincipalKind.Human, Active: true, groups);
        return new Voter(facts.Approvals[0], person, owns ? person.Id : "another", []);
    }
}
