using Governance.Contracts;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>An operator's order to take away everything that a selector names. One stream an order.</summary>
public sealed class RevocationOrder
{
    public Guid Id { get; set; }

    public RevocationSelector Selector { get; set; } = new();

    public IReadOnlyList<string>? Principals { get; set; }

    public IReadOnlyList<string>? Entitlements { get; set; }

    public string Reason { get; set; } = "";

    public ActorRef? Actor { get; set; }

    public string State { get; set; } = RevocationState.Revoking;

    public int Matched { get; set; }

    public int UnderWay { get; set; }

    public int Gone { get; set; }

    public int Prevented { get; set; }

    public DateTimeOffset At { get; set; }

    public DateTimeOffset? LastEndedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>A person's key makes one order, however often it is sent.</summary>
    public static Guid IdOf(string actor, string key) =>
        NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"revocation\n{actor}\n{key}");

    public RevocationCriteria Criteria() => new(Principals, Entitlements, Selector.Ticket, Selector.Bundle);

    public void Apply(RevocationOrdered e)
    {
        (Selector, Principals, Entitlements, Reason) = (e.Selector, e.Principals, e.Entitlements, e.Reason);
        (Matched, UnderWay, Actor, At) = (e.Matched, e.UnderWay, e.Actor, e.At);
    }

    public void Apply(RevocationFinished e)
    {
        (State, Gone, Prevented) = (RevocationState.Finished, e.Gone, e.Prevented);
        (LastEndedAt, FinishedAt) = (e.LastEndedAt, e.At);
    }
}

/// <summary>Where an order is. Persisted and on the wire.</summary>
public static class RevocationState
{
    /// <summary>Not everything is over yet.</summary>
    public const string Revoking = "revoking";

    /// <summary>Everything that it was about is over.</summary>
    public const string Finished = "finished";
}
