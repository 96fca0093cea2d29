using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MassTransit;

namespace Governance.Architecture.Tests;

public sealed partial class Contracts_are_immutable
{
    private static IEnumerable<Type> Records() =>
        Suite.Contracts.GetExportedTypes().Where(t => t is { IsEnum: false, IsInterface: false } && !IsStatic(t));

    private static IEnumerable<Type> Messages() =>
        Suite.Contracts.GetExportedTypes().Where(t => t.GetCustomAttribute<EntityNameAttribute>() is not null);

    [TestCaseSource(nameof(Records))]
    public void Should_be_a_sealed_record(Type type)
    {
        Assert.That(type.IsSealed, "sealed");
        Assert.That(type.GetMethod("<Clone>$"), Is.Not.Null, "a record");
    }

    [TestCaseSource(nameof(Records))]
    public void Should_only_be_set_when_made(Type type) =>
        Assert.That(
            type.GetProperties()
                .Where(p => p.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))
                .Select(p => p.Name),
            Is.Empty
        );

    [TestCaseSource(nameof(Records))]
    public void Should_hold_read_only_collections(Type type)
    {
        Type[] changeable = [typeof(List<>), typeof(IList<>), typeof(ICollection<>), typeof(Dictionary<,>), typeof(IDictionary<,>)];

        Assert.That(
            type.GetProperties()
                .Where(p =>
                    p.PropertyType.IsArray
                    || (p.PropertyType.IsGenericType && changeable.Contains(p.PropertyType.GetGenericTypeDefinition()))
                )
                .Select(p => p.Name),
            Is.Empty
        );
    }

    [TestCaseSource(nameof(Messages))]
    public void Should_carry_names_of_their_own(Type message)
    {
        var entity = message.GetCustomAttribute<EntityNameAttribute>()!.EntityName;

        Assert.That(EntityName().IsMatch(entity), entity);
        Assert.That(
            message.GetCustomAttribute<MessageUrnAttribute>()?.Urn.ToString(),
            Is.EqualTo("urn:message:" + entity.Replace('.', ':'))
        );
        Assert.That(
            entity.Split('.')[1],
            Is.EqualTo(message.Namespace!.Split('.')[^1].ToLowerInvariant()),
            "the folder of the owning service"
        );
    }

    [Test]
    public void Should_be_named_each_otherwise()
    {
        Assert.That(Messages().Select(m => m.GetCustomAttribute<EntityNameAttribute>()!.EntityName), Is.Unique);
        Assert.That(Messages().Select(m => MessageUrn.ForTypeString(m)), Is.Unique);
    }

    [Test]
    public void Should_name_everything_that_services_consume()
    {
        var consumed = Suite
            .Services.SelectMany(s => Suite.Of(s).GetTypes())
            .SelectMany(Consumers.Consumed)
            .Select(t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(Fault<>) ? t.GetGenericArguments()[0] : t)
            .Where(t => t.Assembly == Suite.Contracts)
            .Distinct()
            .ToList();

        Assert.That(consumed, Is.Not.Empty.And.SubsetOf(Messages()));
    }

    private static bool IsStatic(Type type) => type is { IsAbstract: true, IsSealed: true };

    [GeneratedRegex(@"^governance\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EntityName();
}
