using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Governance.Testing;
using Microsoft.Extensions.Logging;

namespace Governance.Architecture.Tests;

/// <summary>Operators alert on the id of an event, whichever service logs it.</summary>
public sealed partial class Log_events
{
    private static readonly IReadOnlyList<LogEvent> All =
    [
        .. Suite
            .Services.Concat(Suite.Shared)
            .SelectMany(name => Suite.Of(name).GetTypes().SelectMany(EventsOf).Select(e => new LogEvent(name, e.Method, e.Attribute))),
    ];

    [Test]
    public void Should_each_have_an_id_of_its_own_in_the_whole_suite() =>
        Assert.That(Repeated(e => e.Id.ToString(CultureInfo.InvariantCulture)), Is.Empty);

    [Test]
    public void Should_each_have_a_name_of_its_own_in_the_whole_suite() =>
        Assert.That(Repeated(e => e.Attribute.EventName ?? ""), Is.Empty);

    [Test]
    public void Should_have_the_id_and_the_name_written_down_so_that_they_stay() =>
        Assert.That(All.Where(e => e.Id <= 0 || string.IsNullOrWhiteSpace(e.Attribute.EventName)), Is.Empty);

    [Test]
    public void Should_be_found_in_every_service_that_logs() =>
        Assert.That(
            All.Select(e => e.Project).Distinct(StringComparer.Ordinal),
            Is.SupersetOf(new[] { "Connectors", "EventStore", "Expiry", "Intake", "Issuance", "Lifecycle", "Messaging", "Policy" })
        );

    [Test]
    public void Should_exist_and_be_at_least_warnings_where_the_table_of_alerts_names_them()
    {
        var table = Alerts().ToArray();

        Assert.That(table, Is.Not.Empty.And.Unique);
        Assert.That(table.Except(All.Where(e => e.Attribute.Level >= LogLevel.Warning).Select(e => e.Id)), Is.Empty);
    }

    private static IEnumerable<string> Repeated(Func<LogEvent, string> key) =>
        All.GroupBy(key, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key + ": " + string.Join(", ", g));

    private static IEnumerable<int> Alerts() =>
        File.ReadLines(RepositoryRoot.File("docs/operations.md"))
            .Select(line => FirstColumn().Match(line))
            .Where(match => match.Success)
            .SelectMany(match => match.Groups["ids"].Value.Split(", "))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Attribute)> EventsOf(Type type) =>
        type.GetMethods(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly
            )
            .Select(method => (method, method.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Where(e => e.Item2 is not null);

    [GeneratedRegex(@"^\| (?<ids>\d{4}(, \d{4})*) \|", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FirstColumn();

    private sealed record LogEvent(string Project, MethodInfo Method, LoggerMessageAttribute Attribute)
    {
        public int Id => Attribute.EventId;

        public override string ToString() => $"{Method.DeclaringType?.FullName}.{Method.Name} ({Id})";
    }
}
