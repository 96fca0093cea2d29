using Governance.Contracts.Decisions;

namespace Governance.Voting;

/// <summary>Who stands behind a request: the humans who may not decide on it.</summary>
public sealed record Stake
{
    private Stake() { }

    /// <summary>Who asked.</summary>
    public required IReadOnlyList<string> Requesters { get; init; }

    /// <summary>Who verifiably sent it, who answers for the integration that did, and who asked for it before it was renewed.</summary>
    public required IReadOnlyList<string> Senders { get; init; }

    /// <summary>Who gets it.</summary>
    public required IReadOnlyList<string> Beneficiaries { get; init; }

    /// <summary>On whose behalf the grantee acts.</summary>
    public required IReadOnlyList<string> Delegators { get; init; }

    /// <summary>Finds the humans behind everybody who is named.</summary>
    /// <param name="requester">Who asked.</param>
    /// <param name="senders">Who else stands behind the request; null for nobody.</param>
    /// <param name="grantee">Who gets it.</param>
    /// <param name="delegators">On whose behalf the grantee acts; null for its own.</param>
    /// <param name="ownerOf">The human who is responsible for an identity; null for a human, and where there is none or it is not known.</param>
    public static Stake Of(
        string requester,
        IEnumerable<string>? senders,
        string grantee,
        IEnumerable<string>? delegators,
        Func<string, string?> ownerOf
    )
    {
        // An identity itself is no human, so it does no harm among them; a human who is not known any more is still the same person.
        IReadOnlyList<string> Behind(IEnumerable<string>? named) =>
            [.. (named ?? []).SelectMany(id => new[] { id, ownerOf(id) }).OfType<string>().Distinct(StringComparer.Ordinal)];
        return new Stake
        {
            Requesters = Behind([requester]),
            Senders = Behind(senders),
            Beneficiaries = Behind([grantee]),
            Delegators = Behind(delegators),
        };
    }

    /// <summary>How a human is involved, as the code of an objection; null when they are not.</summary>
    /// <param name="human">Opaque id.</param>
    public string? RoleOf(string human) =>
        Requesters.Contains(human, StringComparer.Ordinal) ? Objections.IsRequester
        : Beneficiaries.Contains(human, StringComparer.Ordinal) ? Objections.IsBeneficiary
        : Delegators.Contains(human, StringComparer.Ordinal) ? Objections.IsDelegator
        : Senders.Contains(human, StringComparer.Ordinal) ? Objections.IsSender
        : null;
}
