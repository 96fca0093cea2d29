using Governance.Contracts.Issuance;
using Governance.Issuance.Holdings;
using Governance.Messaging;
using MassTransit;

namespace Governance.Issuance.Answering;

/// <summary>Publishes answers and marks them. Dying in between publishes the same message, with the same id, again.</summary>
internal sealed class Answers(IServiceProvider services, HoldingStore store, AnswerMarks marks, ILogger<Answers> logger)
{
    public Task PublishAsync(HoldingObserved answer, CancellationToken cancellationToken) =>
        PublishAsync(
            answer,
            Id("holding-observed", answer.Principal, answer.Entitlement, answer.Revision, answer.ObservedAt),
            () =>
            {
                marks.Add(answer);
                return Task.CompletedTask;
            },
            (answer.Principal, answer.Entitlement),
            cancellationToken
        );

    public Task PublishAsync(HoldingFailed answer, CancellationToken cancellationToken) =>
        PublishAsync(
            answer,
            Id("holding-failed", answer.Principal, answer.Entitlement, answer.Revision, answer.FailedAt),
            () => store.MarkAsync(answer, cancellationToken),
            (answer.Principal, answer.Entitlement),
            cancellationToken
        );

    private static Guid Id(string type, string principal, string entitlement, long revision, DateTimeOffset at) =>
        NameBasedUuid.Create(
            NameBasedUuid.GovernanceNamespace,
            FormattableString.Invariant($"{type}\n{principal}\n{entitlement}\n{revision}\n{Moments.ToWire(at)}")
        );

    private async Task PublishAsync<T>(
        T answer,
        Guid id,
        Func<Task> mark,
        (string Principal, string Entitlement) holding,
        CancellationToken cancellationToken
    )
        where T : class
    {
        try
        {
            CrashPoints.Reach("issuance.answer.before-publish");
            await services.GetRequiredService<IBus>().PublishMandatoryAsync(answer, id, cancellationToken);
            CrashPoints.Reach("issuance.answer.after-publish");
            await mark();
        }
#pragma warning disable CA1031 // Whatever it is: the row still holds the answer, and the sweeper publishes it.
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            logger.AnswerNotTaken(e, holding.Principal, holding.Entitlement);
        }
    }
}
