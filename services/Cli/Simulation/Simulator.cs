using System.Text.Json;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Cli.Services;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Simulation;

/// <summary>Decides recorded requests with another bundle, from the facts and at the moment that they were decided on.</summary>
internal sealed class Simulator(DecisionEngine engine, PolicyBundle candidate, IReadOnlySet<Guid> active, Compared? inForce)
{
    private readonly HashSet<Guid> _leftOut = [];
    private readonly Dictionary<Guid, SimulatedGrant> _grants = [];

    /// <summary>Grants by the last decision on whether they are to be issued, in the order of those.</summary>
    public IReadOnlyList<SimulatedGrant> Grants => [.. _grants.Values.OrderBy(grant => grant.Sequence)];

    public int Decisions { get; private set; }

    /// <summary>Decisions that can't be simulated, with why.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>What candidates are compared with; null for what was decided.</summary>
    public Compared? InForce => inForce;

    /// <summary>How many requests are left out, since the catalog in force has no such principal or entitlement.</summary>
    public int LeftOut => _leftOut.Count;

    /// <summary>Active access about which nothing was decided in what was read.</summary>
    public IEnumerable<Guid> Unseen => active.Where(grant => !_grants.ContainsKey(grant) && !_leftOut.Contains(grant)).Order();

    /// <summary>How many of the recorded decisions were made by other rules or another engine: a change may be theirs.</summary>
    public int MadeByOthers { get; private set; }

    /// <summary>Takes the next decision in the order of the store.</summary>
    public void Add(RecordedDecision recorded)
    {
        Decisions++;
        try
        {
            var decision = recorded.Decision.Deserialize<Decision>(WireJson.Options)!;
            if (decision.Purpose == DecisionPurpose.Issue)
            {
                Simulate(recorded, decision);
            }
        }
        catch (JsonException e)
        {
            Skipped.Add($"sequence {recorded.Sequence}: {e.Message}");
        }
    }

    /// <summary>Active access about which nothing was decided in what was read is not judged, which has to be seen.</summary>
    public void NameTheUnseen() => Skipped.AddRange(Unseen.Select(grant => $"grant {grant}: active, and decided before what was read"));

    private void Simulate(RecordedDecision recorded, Decision decision)
    {
        if (recorded is not { Facts: { } text, Now: { } now })
        {
            Skipped.Add($"sequence {recorded.Sequence}: the store has no evaluation of it");
            return;
        }

        var facts = JsonSerializer.Deserialize<AccessFacts>(text, WireJson.Options)!;
        if (inForce?.Names(facts) == false)
        {
            _grants.Remove(recorded.GrantId);
            _leftOut.Add(recorded.GrantId);
            return;
        }

        var made = engine.Decide(DecisionPurpose.Issue, now, candidate, facts);
        var isActive = active.Contains(recorded.GrantId);
        var retained = isActive ? engine.Decide(DecisionPurpose.Retain, now, candidate, facts) : null;
        var before = inForce is null ? decision : engine.Decide(DecisionPurpose.Issue, now, inForce.Bundle, facts);
        var kept = isActive && inForce is not null ? engine.Decide(DecisionPurpose.Retain, now, inForce.Bundle, facts) : null;
        MadeByOthers += before.Rules == made.Rules && before.Engine == made.Engine ? 0 : 1;
        _leftOut.Remove(recorded.GrantId);
        _grants[recorded.GrantId] = new SimulatedGrant
        {
            GrantId = recorded.GrantId,
            Sequence = recorded.Sequence,
            Principal = facts.Principal,
            Entitlement = facts.Entitlement,
            Active = isActive,
            Change = (kept?.Outcome, retained?.Outcome) switch
            {
                (Outcome.Forbid, Outcome.Forbid) => Change(before, made),
                (_, Outcome.Forbid) => SimulatedChange.Lose,
                (Outcome.Forbid, _) => SimulatedChange.Gain,
                _ => Change(before, made),
            },
            Recorded = decision.Outcome,
            RecordedDuration = decision.Duration,
            Before = before.Outcome,
            BeforeDuration = before.Duration,
            Candidate = made.Outcome,
            CandidateDuration = made.Duration,
            Retained = retained?.Outcome,
            Because = Because(retained?.Outcome == Outcome.Forbid && made.Outcome != Outcome.Forbid ? retained : made),
        };
    }

    private static SimulatedChange Change(Decision before, Decision candidate) =>
        (before.Outcome, candidate.Outcome) switch
        {
            (Outcome.Forbid, Outcome.Forbid) => SimulatedChange.None,
            (Outcome.Forbid, _) => SimulatedChange.Gain,
            (_, Outcome.Forbid) => SimulatedChange.Lose,
            (Outcome.Permit, Outcome.ApprovalRequired) => SimulatedChange.Approval,
            (Outcome.ApprovalRequired, Outcome.Permit) => SimulatedChange.NoApproval,
            _ => before.Duration == candidate.Duration ? SimulatedChange.None : SimulatedChange.Duration,
        };

    private static IReadOnlyList<string> Because(Decision decision) =>
        decision.Policies.Count > 0 ? [.. decision.Policies.Select(policy => policy.Id)] : decision.Reasons;
}
