namespace Governance.Issuance.Holdings;

/// <param name="Code">One of <see cref="Connectors.ConnectorErrors"/>.</param>
/// <param name="Message">For people, without secrets.</param>
/// <param name="Unclear">The change may still take effect until the hard end.</param>
/// <param name="Counts">False when the target was not asked at all.</param>
/// <param name="NotBefore">How long to wait at least; null leaves it to the back-off.</param>
internal sealed record AttemptFailure(string Code, string Message, bool Unclear, bool Counts = true, TimeSpan? NotBefore = null);
