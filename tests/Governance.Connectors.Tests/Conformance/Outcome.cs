namespace Governance.Connectors.Tests.Conformance;

/// <summary>How an attempt ended: as Issuance sees it, who knows nothing else of the target.</summary>
public sealed record Outcome(ApplyResult? Result, ConnectorException? Failure)
{
    public bool Succeeded => Result is not null;

    /// <summary>It was given up without an answer.</summary>
    public bool WasCancelled => Result is null && Failure is null;

    /// <summary>Something may still happen at the target, so nobody may try again before the hard end.</summary>
    public bool IsUnclear => WasCancelled || Failure is { MayHaveHappened: true };

    public override string ToString() =>
        (Result, Failure) switch
        {
            (not null, _) => "succeeded",
            (_, { } failure) => $"{failure.Code}: {failure.Message} (may have happened: {failure.MayHaveHappened})",
            _ => "cancelled",
        };
}
