using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>On whose behalf the grantee acts, as policies see it.</summary>
/// <param name="Human">The human at the end of the chain; null if its end is no human.</param>
/// <param name="Depth">How many are in the chain.</param>
/// <param name="Verified">Whether it was verified that those in the chain know of it.</param>
/// <param name="Active">Whether everybody in the chain is.</param>
/// <param name="Held">What everybody in the chain has.</param>
/// <param name="HeldUntil">When the first of them loses the entitlement asked for; null unless all have it.</param>
/// <param name="First">Who loses it first.</param>
/// <param name="Actors">The humans behind everybody in the chain.</param>
internal sealed record KnownDelegation(
    string? Human,
    int Depth,
    bool Verified,
    bool Active,
    IReadOnlyList<string> Held,
    DateTimeOffset? HeldUntil,
    string? First,
    IReadOnlyList<string> Actors
)
{
    public static KnownDelegation? Of(AccessFacts facts, Func<string, string, PrincipalFacts> principal)
    {
        if (facts.Delegation is not { } chain)
        {
            return null;
        }

        if (chain.Count == 0)
        {
            throw new InvalidFactsException("the delegation names nobody");
        }

        var people = chain.Select(delegator => principal(delegator.Principal, "delegator")).ToList();
        if (
            people
                .Select(person => person.Id)
                .Append(facts.Principal)
                .GroupBy(id => id, StringComparer.Ordinal)
                .Any(same => same.Count() > 1)
        )
        {
            throw new InvalidFactsException("somebody is in the delegation twice");
        }

        var first = chain.All(delegator => delegator.HeldUntil is not null) ? chain.MinBy(delegator => delegator.HeldUntil) : null;
        return new KnownDelegation(
            people[^1].Kind == PrincipalKind.Human ? people[^1].Id : null,
            people.Count,
            facts.Request.DelegationAssurance == Assurance.Verified,
            people.TrueForAll(person => person.Active),
            [
                .. chain
                    .Select(delegator => delegator.Held)
                    .Aggregate<IEnumerable<string>>((all, held) => all.Intersect(held, StringComparer.Ordinal))
                    .Order(StringComparer.Ordinal),
            ],
            first?.HeldUntil,
            first?.Principal,
            [.. people.Select(KnownFacts.ActorOf).OfType<string>().Distinct(StringComparer.Ordinal)]
        );
    }
}
