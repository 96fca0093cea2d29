using MassTransit;

namespace Governance.Architecture.Tests;

public sealed class Consumers
{
    private static IEnumerable<Type> All() =>
        Suite.Services.SelectMany(s => Suite.Of(s).GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false } && Consumed(t).Any());

    [TestCaseSource(nameof(All))]
    public void Should_be_internal_and_sealed(Type consumer)
    {
        Assert.That(consumer.IsNotPublic || consumer.IsNestedPrivate || consumer.IsNestedAssembly, "internal");
        Assert.That(consumer.IsSealed, "sealed");
    }

    [TestCaseSource(nameof(All))]
    public void Should_be_named_so(Type consumer) => Assert.That(consumer.Name, Does.EndWith("Consumer"));

    [Test]
    public void Should_be_found() => Assert.That(All().Count(), Is.GreaterThan(5));

    internal static IEnumerable<Type> Consumed(Type type) =>
        type.GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(i => i.GetGenericArguments()[0]);
}
