namespace Governance.Connectors;

/// <summary>Makes one target match desired holdings, reads them back, and lists what exists there.</summary>
/// <remarks>
/// Idempotent, safe to cancel anywhere, bounded in time. Called concurrently. Throws <see cref="ConnectorException"/> for whatever goes
/// wrong at the target, and <see cref="OperationCanceledException"/> when cancelled; no exception holds a secret.
/// </remarks>
public interface IConnector : IAsyncDisposable
{
    /// <summary>Kind of target, for example <c>postgresql</c>.</summary>
    string Kind { get; }

    /// <summary>What the target can do, as far as is known: what its kind can do, less what has turned out to be impossible there.</summary>
    ConnectorCapabilities Capabilities { get; }

    /// <summary>Makes the target match a holding: present while it has leases, absent when it has none.</summary>
    /// <remarks>
    /// Taking away what is not there, or from an account that is not there, succeeds. Where the target can fence, a revision lower than one
    /// that the same holder has applied there is refused and changes nothing.
    /// </remarks>
    /// <param name="desired">What should be.</param>
    /// <param name="deadline">
    /// The hard end of the attempt. The connector looks at it before each call, and makes the target itself give up then where it can.
    /// </param>
    /// <param name="cancellationToken">Gives up earlier.</param>
    Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken);

    /// <summary>Asks the target whether an account has a privilege. An account or a privilege that does not exist is not held.</summary>
    /// <remarks>
    /// A connector with accounts per grant lists those that were made for the account and the privilege, also one that a lower revision or
    /// an attempt that died left behind; direct is then that there is any.
    /// </remarks>
    /// <param name="account">The account's name at the target.</param>
    /// <param name="privilege">The privilege's name at the target.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken);

    /// <summary>The same of a holding that the connector remembers something of: whom it was given to has it, whatever he is called now.</summary>
    /// <param name="account">The account's name at the target.</param>
    /// <param name="privilege">The privilege's name at the target.</param>
    /// <param name="remembered"><see cref="HoldingMemory.Text"/> of the holding; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ObservedHolding> ReadAsync(string account, string privilege, string? remembered, CancellationToken cancellationToken) =>
        ReadAsync(account, privilege, cancellationToken);

    /// <summary>Asks the target who it is, and whether the suite may take away there what it gives.</summary>
    /// <remarks>
    /// Called at start, at intervals, and before the first access is given at a place. Giving waits for it; taking away never does. Changes
    /// nothing at the target.
    /// </remarks>
    /// <param name="places">Where access is given, or is about to be; may be empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken);

    /// <summary>Lists what exists at the target, page by page in a fixed order, whoever made it.</summary>
    /// <param name="pageToken"><see cref="HoldingPage.NextPageToken"/> of the page before; null for the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The token is not one of this connector's.</exception>
    Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken);
}
