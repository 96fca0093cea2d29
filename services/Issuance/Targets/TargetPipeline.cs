using Governance.Connectors;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Governance.Issuance.Targets;

internal static class TargetPipeline
{
    public static void Configure(ResiliencePipelineBuilder builder, TargetOptions target, ILogger logger) =>
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
                    // What a target refuses says nothing about its health.
                    ShouldHandle = new PredicateBuilder()
                        .Handle<ConnectorException>(e => e.Code is ConnectorErrors.Unreachable or ConnectorErrors.Timeout)
                        .Handle<OperationCanceledException>()
                        .Handle<TimeoutRejectedException>(),
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
