using System.Reflection;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using MassTransit;

namespace Governance.Lifecycle.Tests.Relay;

/// <summary>A declaration whose connection broke at the wrong moment: nothing ends it, least of all a token.</summary>
public sealed class When_a_publish_is_never_answered
{
    [Test]
    public void Should_give_up_all_the_same()
    {
        var bus = DispatchProxy.Create<IPublishEndpoint, NeverAnswers>();
        var command = new AcceptTarget
        {
            Target = "orders-db",
            Identity = null,
            By = "sam@example.com",
            Acceptance = Guid.NewGuid(),
        };

        Assert.That(() => bus.PublishMandatoryAsync(command, Guid.NewGuid()), Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public void Should_be_cancelled_all_the_same()
    {
        var bus = DispatchProxy.Create<IPublishEndpoint, NeverAnswers>();
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        Assert.That(
            () => bus.PublishMandatoryAsync(new object(), typeof(object), Guid.NewGuid(), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
    }

    public class NeverAnswers : DispatchProxy
    {
        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => new TaskCompletionSource().Task;
    }
}
