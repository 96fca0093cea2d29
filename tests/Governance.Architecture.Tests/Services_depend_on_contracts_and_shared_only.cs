using System.Text.RegularExpressions;
using System.Xml.Linq;
using Governance.Testing;

namespace Governance.Architecture.Tests;

public sealed partial class Services_depend_on_contracts_and_shared_only
{
    private static IEnumerable<string> Services() => Suite.Services;

    private static IEnumerable<string> SharedParts() => Suite.Shared;

    [TestCaseSource(nameof(Services))]
    public void Should_reference_no_other_service(string service)
    {
        var allowed = Suite.Shared.Append("Contracts").Append("Grpc").Select(n => "Governance." + n);
        var referenced = Suite
            .Of(service)
            .GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(n => n.StartsWith("Governance.", StringComparison.Ordinal));

        Assert.That(referenced, Is.SubsetOf(allowed));
        Assert.That(
            Projects(Path.Combine("services", service, $"Governance.{service}.csproj")),
            Is.All.StartsWith("../Shared/").Or.StartsWith("../../contracts/")
        );
    }

    [TestCaseSource(nameof(SharedParts))]
    public void Should_share_what_knows_no_service(string part)
    {
        var forbidden = Suite.Services.Select(s => "Governance." + s);

        Assert.That(Suite.Of(part).GetReferencedAssemblies().Select(a => a.Name), Has.None.AnyOf([.. forbidden]));
    }

    [TestCaseSource(nameof(Services))]
    public void Should_read_no_table_of_another_service(string service)
    {
        var others = Suite.Services.Where(s => s != service).Select(s => s.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        var found = Suite
            .Sources(Path.Combine("services", service), ".cs", ".sql")
            .SelectMany(f =>
                SchemaInSql().Matches(f.Text).Where(m => others.Contains(m.Groups["schema"].Value)).Select(m => $"{f.Path}: {m.Value}")
            );

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Should_see_tables_in_sql() =>
        Assert.That(SchemaInSql().Match("select 1 from \"lifecycle\".mt_events").Groups["schema"].Value, Is.EqualTo("lifecycle"));

    private static IEnumerable<string> Projects(string path) =>
        XDocument.Load(RepositoryRoot.File(path)).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value);

    [GeneratedRegex(
        """\b(from|join|into|update|table|exists|schema|references|only)\s+"?(?<schema>[a-z_]+)"?\s*\.\s*"?[a-z_]+""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex SchemaInSql();
}
