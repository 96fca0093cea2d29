using System.Diagnostics;
using Governance.Connectors;
using Governance.Issuance.Answering;
using Governance.Issuance.Credentials;
using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace Governance.Issuance.Reconciling;

/// <summary>Whether more is to be done for the holding at once.</summary>
internal enum AttemptEnd
{
    NotSettled,
    Settled,
}

/// <summary>One attempt to make a target match a claimed holding: apply, read back, store, answer.</summary>
internal sealed class Attempt(
    HoldingStore store,
    CredentialStore credentials,
    Answers answers,
    TargetGuard guard,
    IssuanceMetrics metrics,
    TimeProvider clock,
    IOptions<IssuanceOptions> options,
    ILogger<Attempt> logger
)
{
    public const string LeftAlone = "The target failed too often and is left alone for a while.";

    private const string Settled = "observed";

    private const int MostPaths = 20;

    /// <summary>How often a target may say of a removal that it needs time before that is a failure.</summary>
    private const int SilentWaits = 3;

    /// <summary>Never throws: what can't be stored is tried again after the hard end.</summary>
    /// <param name="claim">What to do.</param>
    /// <param name="target">Where; null when nobody configured it.</param>
    /// <param name="deadline">The hard end.</param>
    /// <param name="stopping">The process stops: answers are left to the next one, but the attempt is finished and stored.</param>
    public async Task<AttemptEnd> RunAsync(HoldingClaim claim, Target? target, AttemptDeadline deadline, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        using var activity = Telemetry.Activities.StartActivity("issuance.attempt", ActivityKind.Internal, claim.Trace);
        activity?.SetTag("governance.target", claim.Binding.Target);
        var outcome = "not-written";
        try
        {
            outcome = await ReachAndStoreAsync(claim, target, deadline, stopping);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            logger.ResultNotWritten(e, claim.Principal, claim.Entitlement);
        }

        metrics.Attempted(target?.Id ?? "unknown", outcome, clock.GetElapsedTime(started));
        activity?.SetTag("governance.outcome", outcome);
        return outcome == Settled ? AttemptEnd.Settled : AttemptEnd.NotSettled;
    }

    private async Task<string> ReachAndStoreAsync(HoldingClaim claim, Target? target, AttemptDeadline deadline, CancellationToken stopping)
    {
        var result = target is null
            ? new TargetResult(
                null,
                null,
                new(ConnectorErrors.UnknownTarget, $"This installation has no target '{claim.Binding.Target}'.", false)
            )
            : await ReachAsync(claim, target, deadline);
        if (result.Failure is { } failure)
        {
            return await FailAsync(claim, failure, stopping);
        }

        if (result.LookAgainAt is { } at)
        {
            return await WaitAsync(claim, at - clock.GetUtcNow(), stopping);
        }

        return await SucceedAsync(claim, result.Observed!, stopping);
    }

    private async Task<string> WaitAsync(HoldingClaim claim, TimeSpan delay, CancellationToken stopping)
    {
        var least = options.Value.BackOff;
        delay = delay > least ? delay : least;
        if (!claim.Wanted)
        {
            // Whatever the target asks for, taking access away is not put off for long, nor in silence.
            delay = delay < options.Value.MaxRemovalBackOff ? delay : options.Value.MaxRemovalBackOff;
            if (claim.FailedAttempts >= SilentWaits)
            {
                var failure = new AttemptFailure(
                    ConnectorErrors.Mismatch,
                    "The target accepts the removal time and again, and the access is still there.",
                    Unclear: false,
                    NotBefore: delay
                );
                return await FailAsync(claim, failure, stopping);
            }
        }

        await store.LookAgainAsync(claim, delay, CancellationToken.None);
        return "accepted";
    }

    // The connector is bound by the deadline; should it not obey, its task is left behind and its result is never used.
    private async Task<TargetResult> ReachAsync(HoldingClaim claim, Target target, AttemptDeadline deadline)
    {
        var progress = new Progress();
        using var hardEnd = new CancellationTokenSource(deadline.Remaining, clock);
        try
        {
            return await AtTargetAsync(claim, target, deadline, progress, hardEnd.Token)
                .WaitAsync(deadline.Remaining + (options.Value.ClaimMargin / 2), clock, CancellationToken.None);
        }
        catch (ConnectorException e)
        {
            return Failed(new(e.Code, e.Message, progress.Applying && e.MayHaveHappened));
        }
        catch (BrokenCircuitException e)
        {
            return Failed(
                new(
                    ConnectorErrors.CircuitOpen,
                    LeftAlone
                        + (
                            e.InnerException is ConnectorException cause
                                ? $" It began with {cause.Code}: {cause.Message}"
                                : " It began with timeout: the target did not answer in time."
                        ),
                    false,
                    // When a removal has its turn is known to the loop.
                    claim.Wanted
                        ? e.RetryAfter ?? target.Options.BreakDuration
                        : null
                )
            );
        }
        catch (RateLimiterRejectedException)
        {
            return Failed(new(ConnectorErrors.CircuitOpen, "The target has too many calls waiting.", false, target.Options.BreakDuration));
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or Polly.Timeout.TimeoutRejectedException)
        {
            return Failed(new(ConnectorErrors.Timeout, "The target did not answer before the attempt's hard end.", progress.Applying));
        }
        catch (NpgsqlException)
        {
            throw;
        }
#pragma warning disable CA1031 // A bug in a connector must not end the loop; its text may hold anything, so only its type is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.AttemptBroke(claim.Principal, claim.Entitlement, e.GetType().FullName!);
            return Failed(new(ConnectorErrors.Error, "The connector broke with " + e.GetType().Name + ".", progress.Applying));
        }
    }

    private async Task<TargetResult> AtTargetAsync(
        HoldingClaim claim,
        Target target,
        AttemptDeadline deadline,
        Progress progress,
        CancellationToken cancellationToken
    )
    {
        var memory = new RowMemory(store, claim);
        var desired = claim.Desired;
        // What is known already is no answer of the target's, and says nothing about its health.
        if (claim.Wanted && !guard.IsCleared(target, new(desired.Account, desired.Privilege)))
        {
            await target.Pipeline.ExecuteAsync(
                async ct => await guard.EnsureAsync(target, new(desired.Account, desired.Privilege), ct),
                cancellationToken
            );
        }

        if (claim.Wanted && claim.PreExisting is null)
        {
            var before = await target.Pipeline.ExecuteAsync(
                async ct => await target.Connector.ReadAsync(desired.Account, desired.Privilege, ct),
                cancellationToken
            );
            if (!await store.RecordPreExistingAsync(claim, before.Direct, cancellationToken))
            {
                throw new ConnectorException(ConnectorErrors.Timeout, "The attempt's time was over before anything was changed.");
            }
        }

        if (target.Connector.Capabilities.AccountPerGrant)
        {
            desired = await WithCredentialsAsync(claim, cancellationToken);
        }

        desired = desired with { Memory = memory };
        CrashPoints.Reach("issuance.attempt.before-apply");
        progress.Applying = true;
        var applied = await target.Pipeline.ExecuteAsync(
            async ct => await target.Connector.ApplyAsync(desired, deadline, ct),
            cancellationToken
        );
        progress.Applying = false;
        CrashPoints.Reach("issuance.attempt.after-apply");
        if (
            applied is ApplyResult.Applied { Credentials: { Count: > 0 } made }
            && !await credentials.KeepAsync(claim, made, cancellationToken)
        )
        {
            throw new ConnectorException(ConnectorErrors.Timeout, "The attempt's time was over before its credentials were kept.");
        }

        var observed = await target.Pipeline.ExecuteAsync(
            async ct => await target.Connector.ReadAsync(desired.Account, desired.Privilege, memory.Text, ct),
            cancellationToken
        );
        CrashPoints.Reach("issuance.attempt.after-read-back");
        if (applied is ApplyResult.Applied { StillEffectiveBy: { Count: > 0 } goingOn })
        {
            observed = observed with
            {
                Effective = true,
                Paths = [.. observed.Paths.Concat(goingOn).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostPaths)],
            };
        }

        if (Matches(observed, desired))
        {
            return new(observed, null, null);
        }

        return applied is ApplyResult.Accepted accepted ? new(null, accepted.LookAgainAt, null) : Failed(Mismatch(observed));
    }

    /// <summary>A credential that was made and not kept, since the process died, is made again: nobody has seen it.</summary>
    private async Task<DesiredHolding> WithCredentialsAsync(HoldingClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Desired.Leases.FirstOrDefault(l => l.Credential is null) is { } keyless)
        {
            throw new ConnectorException(
                ConnectorErrors.NoRecipientKey,
                $"The target has an account for each grant, and nobody gave a key for the credential of {keyless.GrantId}."
            );
        }

        return (claim with { CredentialsFor = await credentials.MissingAsync(claim, cancellationToken) }).Desired;
    }

    private async Task<string> SucceedAsync(HoldingClaim claim, ObservedHolding observed, CancellationToken stopping)
    {
        guard.Answered(claim.Binding.Target);
        if (claim.Moving)
        {
            return await store.MoveAsync(claim, observed, CancellationToken.None) ? "moved" : await LostAsync(claim, observed, stopping);
        }

        if (observed.Accounts is not null)
        {
            await credentials.ForgetAsync(claim, CancellationToken.None);
        }

        var (ours, answer) = await store.ObserveAsync(claim, observed, CancellationToken.None);
        if (!ours)
        {
            return await LostAsync(claim, observed, stopping);
        }

        logger.HoldingObserved(claim.Principal, claim.Entitlement, claim.Revision, claim.Binding.Target, claim.Wanted ? "there" : "gone");
        if (claim.Ending)
        {
            logger.HoldingOverdue(claim.Principal, claim.Entitlement, claim.Revision, claim.Binding.Target);
        }

        if (claim.Wanted && observed.Narrowed.Count > 0)
        {
            logger.Narrowed(claim.Principal, claim.Entitlement, claim.Revision, claim.Binding.Target, string.Join("; ", observed.Narrowed));
        }

        if (!claim.Wanted && observed.Effective)
        {
            logger.StillEffective(
                claim.Principal,
                claim.Entitlement,
                claim.Revision,
                claim.Binding.Target,
                string.Join("; ", observed.Paths)
            );
        }

        if (answer is not null && !stopping.IsCancellationRequested)
        {
            await answers.PublishAsync(answer, stopping);
        }

        return answer is null ? "overtaken" : Settled;
    }

    private async Task<string> FailAsync(HoldingClaim claim, AttemptFailure failure, CancellationToken stopping)
    {
        if (failure.Code == ConnectorErrors.Unreachable)
        {
            guard.DidNotAnswer(claim.Binding.Target, failure.Message);
        }

        var cap = claim.Wanted ? options.Value.MaxBackOff : options.Value.MaxRemovalBackOff;
        var delay = BackOff.After(claim.FailedAttempts + 1, options.Value.BackOff, cap);
        delay = failure.NotBefore is { } least ? least + BackOff.After(1, options.Value.BackOff, cap) : delay;
        var (ours, answer) = await store.FailAsync(claim, failure, delay, CancellationToken.None);
        if (!ours)
        {
            return Lost(claim);
        }

        if (answer is not null)
        {
            logger.HoldingFailed(
                answer.Attempt,
                claim.Binding.Target,
                claim.Principal,
                claim.Entitlement,
                claim.Revision,
                answer.Code,
                answer.Message,
                answer.NextAttemptAt
            );
            if (!stopping.IsCancellationRequested)
            {
                await answers.PublishAsync(answer, stopping);
            }
        }

        return failure.Code;
    }

    private async Task<string> LostAsync(HoldingClaim claim, ObservedHolding observed, CancellationToken stopping)
    {
        if (!await guard.IsOtherAsync(claim.Binding.Target, observed.Identity, CancellationToken.None))
        {
            return Lost(claim);
        }

        var changed = TargetGuard.Changed();
        return await FailAsync(claim, new(changed.Code, changed.Message, Unclear: false), stopping);
    }

    private string Lost(HoldingClaim claim)
    {
        logger.ClaimLost(claim.Principal, claim.Entitlement, claim.Revision);
        return "claim-lost";
    }

    private static bool Matches(ObservedHolding observed, DesiredHolding desired) =>
        observed.Accounts is { } accounts
            ? accounts.Select(account => account.Grant).ToHashSet().SetEquals(desired.Leases.Select(lease => lease.GrantId))
            : observed.Direct == desired.Wanted;

    private static AttemptFailure Mismatch(ObservedHolding observed) =>
        new(
            ConnectorErrors.Mismatch,
            observed.Direct
                ? $"Read back, the access is still there{(observed.Marker is { } by ? $" ({by})" : "")}."
                : "Read back, the access is not there.",
            Unclear: false
        );

    private static TargetResult Failed(AttemptFailure failure) => new(null, null, failure);

    private sealed record TargetResult(ObservedHolding? Observed, DateTimeOffset? LookAgainAt, AttemptFailure? Failure);

    private sealed class Progress
    {
        public volatile bool Applying;
    }
}
