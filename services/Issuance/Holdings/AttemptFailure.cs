namespace Governance.Issuance.Holdings;

/// <param name="Code">One of <see cref="Connectors.ConnectorErrors"/>.</param>
/// <param name="Message">For people, without secrets.</param>
/// <param name="Unclear">The change may still take effect until the hard end.</param>
/// <param name="NotBefore">How long to wait at least; null leaves it to the back-off.</param>
internal sealed record AttemptFailure(string Code, string Message, bool Unclear, TimeSpan? NotBefore = null)
{
    /// <summary>The target was not asked: what went wrong when it was says more.</summary>
    public bool NotAsked => Code == Connectors.ConnectorErrors.CircuitOpen;
}
