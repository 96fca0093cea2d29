using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>What is meant to become of access.</summary>
internal enum Course
{
    /// <summary>Ends by itself.</summary>
    Expires,

    /// <summary>Is made to last longer, and then ends by itself.</summary>
    IsRenewed,

    /// <summary>Its owner gives it back.</summary>
    IsRevoked,

    /// <summary>Is taken away for a while, which goes on to the end of the run.</summary>
    Rests,

    /// <summary>Is taken away for a while and given back, and then lasts.</summary>
    Resumes,

    /// <summary>Is there at the end of the run.</summary>
    Lasts,
}

/// <summary>A request that was sent.</summary>
internal sealed record HeldRequest(AccessRequest Request, SuiteTarget Target, Course Course);
