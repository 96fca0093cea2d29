using System.Reflection;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using MassTransit;

namespace Governance.Lifecycle.Tests.Relay;

/// <summary>A declaration whose connection broke at the wrong moment: nothing ends it, least of all a token.</summary>
public sealed class When_a_publish_is_never_answered
{
    private static readonly AcceptTarget Message = new()
    {
        Target = "orders-db",
        Identity = null,
        By = "sam@example.com",
        Acceptance = Guid.NewGuid(),
    };

    private readonly IPublishEndpoint _bus = DispatchProxy.Create<IPublishEndpoint, NeverAnswers>();

    [Test]
    public void Should_give_up_all_the_same() =>
        Assert.That(() => _bus.PublishMandatoryAsync(Message, Guid.NewGuid()), Throws.TypeOf<TimeoutException>());

    [Test]
    public void Should_be_cancelled_all_the_same()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.That(
            () => _bus.PublishMandatoryAsync(Message, Guid.NewGuid(), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
    }

    public class NeverAnswers : DispatchProxy
    {
        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => Task.Delay(Timeout.InfiniteTimeSpan);
    }
}
