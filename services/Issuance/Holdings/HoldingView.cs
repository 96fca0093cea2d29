using Governance.Connectors;

namespace Governance.Issuance.Holdings;

internal sealed record HoldingView
{
    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    public required string Target { get; init; }

    public required string Account { get; init; }

    public required string Privilege { get; init; }

    public required long Revision { get; init; }

    public required string Desired { get; init; }

    public long? ObservedRevision { get; init; }

    public ObservedHolding? Observed { get; init; }

    public required int FailedAttempts { get; init; }

    public HoldingError? LastError { get; init; }

    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>An attempt is running, or one of unknown outcome may still take effect.</summary>
    public required bool Attempting { get; init; }
}

internal sealed record HoldingError(string Code, string Message, DateTimeOffset At);
