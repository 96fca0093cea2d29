using Governance.Intake.Reading;

namespace Governance.Intake.Door;

/// <summary>
/// Which stream an event is, by who sent it. Whoever proves to be its source shares one identity for it, by whatever door and credential;
/// everybody else has one of their own, so nobody takes the id of somebody who is trusted by coming first.
/// </summary>
/// <param name="Places">Where it may have been recorded, in the order in which they count.</param>
internal sealed record EventIdentity(IReadOnlyList<EventPlace> Places)
{
    // Source and id name an event, whatever its type: two kinds of events don't share one either.
    public static EventIdentity Of(IncomingMessage message, Delivery delivery, bool proven)
    {
        var (source, id, publisher) = (message.Source, message.Id, delivery.Publisher);
        var plain = NameBasedUuid.ForRequest(source, id);
        var own = new EventPlace(NameBasedUuid.ForRequest(source, id, publisher), _ => true, MayBegin: !proven);
        if (!proven)
        {
            // What the same sender sent while it was trusted, or before identities had publishers, is a repeat all the same.
            return new EventIdentity([own, new EventPlace(plain, p => p == publisher, MayBegin: false)]);
        }

        return new EventIdentity([
            // An unproven one may sit there since before identities had publishers: it is passed by.
            new EventPlace(plain, p => p is not null || publisher is null, MayBegin: true),
            // What the same sender sent before it was trusted.
            own,
            new EventPlace(NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"{source}\n{id}\nproven"), _ => true, MayBegin: true),
        ]);
    }
}

/// <summary>A stream in which an event may be recorded.</summary>
/// <param name="Id">The stream.</param>
/// <param name="IsOurs">Whether what was recorded there by a publisher (null for an unproven one) is by the same sender as this event.</param>
/// <param name="MayBegin">Whether the event is recorded there when it is new.</param>
internal sealed record EventPlace(Guid Id, Func<string?, bool> IsOurs, bool MayBegin);

/// <summary>Where an event is recorded, or is to be.</summary>
internal sealed record Placement(Guid StreamId, Repeat Repeat);
