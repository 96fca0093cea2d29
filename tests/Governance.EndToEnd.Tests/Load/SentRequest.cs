using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Load;

/// <summary>What is meant to become of a request.</summary>
internal enum Fate
{
    Expires,
    ExpiresLater,
    NeedsApproval,
    IsRejected,
    IsDenied,
    IsRevoked,
    IsWithdrawn,
    ReusesAnId,
    IsMalformed,
}

/// <summary>A message that the load has sent.</summary>
/// <param name="Request">What it says; for a malformed one only its id is true.</param>
/// <param name="Fate">What is meant to become of it.</param>
/// <param name="Body">As sent.</param>
internal sealed record SentRequest(AccessRequest Request, Fate Fate, string Body)
{
    /// <summary>Set when a door or the broker took it.</summary>
    public bool Taken { get; set; }

    public bool OverHttp { get; init; }

    public Guid GrantId => Request.GrantId;
}
