using Governance.Cedar.Bundles;
using Governance.Voting;

namespace Governance.Cedar.Decisions;

/// <summary>
/// The places that the fired gates leave to people. Who takes which is found by augmenting paths: a place goes to another person if that
/// makes room for one more, so that somebody who could stand anywhere never takes the only place of somebody else. Who was placed stays.
/// </summary>
internal sealed class Slots
{
    private readonly List<Slot> _slots;

    public Slots(IEnumerable<PolicyDefinition> gates) =>
        _slots = [
            .. gates.SelectMany(gate =>
                gate.Approval!.Terms.SelectMany(term => Enumerable.Repeat(term.From, term.Count)).Select(from => new Slot(gate, from))
            ),
        ];

    public IReadOnlyList<Slot> Of(PolicyDefinition gate) => [.. _slots.Where(slot => slot.Gate == gate)];

    public IEnumerable<Voter> Voters => _slots.Select(slot => slot.Voter).OfType<Voter>();

    public bool AllFilled => _slots.TrueForAll(slot => slot.Voter is not null);

    /// <summary>False if the voter finds no place, now or whoever comes later.</summary>
    public bool TryPlace(Voter voter) => TryPlace(voter, []);

    private bool TryPlace(Voter voter, HashSet<Slot> tried)
    {
        foreach (var slot in _slots)
        {
            if (voter.Fits(slot.From) && tried.Add(slot) && (slot.Voter is null || TryPlace(slot.Voter, tried)))
            {
                slot.Voter = voter;
                return true;
            }
        }

        return false;
    }
}

/// <summary>One place.</summary>
internal sealed class Slot(PolicyDefinition gate, Approvers from)
{
    public PolicyDefinition Gate { get; } = gate;

    public Approvers From { get; } = from;

    public Voter? Voter { get; set; }
}
