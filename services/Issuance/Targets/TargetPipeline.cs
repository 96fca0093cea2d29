using Governance.Connectors;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Governance.Issuance.Targets;

internal static class TargetPipeline
{
    /// <summary>Whether it says something of the target's health. What it refuses does not, nor what somebody there holds up for one holding.</summary>
    public static bool IsTrouble(Exception? exception) =>
        exception
            is ConnectorException { Code: ConnectorErrors.Unreachable or ConnectorErrors.Timeout }
                or OperationCanceledException
                or TimeoutRejectedException;

    public static void Configure(ResiliencePipelineBuilder builder, TargetOptions target, TargetCircuit circuit, ILogger logger) =>
        builder
            .AddTimeout(target.AttemptTimeout)
            // The loop keeps to the limit by itself; callers beside it queue here.
            .AddConcurrencyLimiter(target.Concurrency, queueLimit: 1000)
            .AddRetryUnlessNever(target.Retries)
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    FailureRatio = 0.5,
                    MinimumThroughput = target.BreakAfter,
                    SamplingDuration = target.BreakAfterWindow,
                    BreakDuration = target.BreakDuration,
                    StateProvider = circuit.State,
                    ManualControl = circuit.Control,
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(IsTrouble),
                    OnOpened = opened =>
                    {
                        logger.CircuitOpened(target.Id, opened.BreakDuration);
                        return ValueTask.CompletedTask;
                    },
                    OnClosed = _ =>
                    {
                        logger.CircuitClosed(target.Id);
                        return ValueTask.CompletedTask;
                    },
                }
            );

    public static void ConfigureProbe(ResiliencePipelineBuilder builder, TargetOptions target, TargetCircuit circuit) =>
        builder.AddTimeout(target.AttemptTimeout).AddRetryUnlessNever(target.Retries).AddStrategy(_ => new ClosesCircuit(circuit));

    private static ResiliencePipelineBuilder AddRetryUnlessNever(this ResiliencePipelineBuilder builder, int retries) =>
        retries == 0
            ? builder
            : builder.AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = retries,
                    Delay = TimeSpan.FromMilliseconds(100),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    // What may have happened is not done again before the hard end of the attempt.
                    ShouldHandle = new PredicateBuilder().Handle<ConnectorException>(e =>
                        e is { IsTransient: true, MayHaveHappened: false }
                    ),
                }
            );
}
