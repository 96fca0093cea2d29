using System.Globalization;
using System.Text;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>A person with two identities, of whom no other test knows.</summary>
internal sealed record Actor(string HumanId, string HumanName, string First, string Second);

/// <summary>The sample catalog with many more people and identities, so that tests don't meet.</summary>
internal static class TestCatalog
{
    public const int Actors = 800;
    private static int _next;

    public const string Readonly = "orders-db/readonly";
    public const string Writer = "orders-db/writer";

    /// <summary>At a target with an account for each grant.</summary>
    public const string Session = "jobs-db/session";
    public const string Approver = "ledger-db/approver";
    public const string Dana = "p-7d1f4a90";
    public const string Omar = "p-2c88e013";
    public const string Lee = "p-b5e0973c";

    public static string Sample => RepositoryRoot.File("deploy", "catalog");

    public static Actor NextActor() => Get(Interlocked.Increment(ref _next));

    public static Actor Get(int number)
    {
        Assert.That(number, Is.LessThan(Actors), "add actors to the test catalog");
        var n = number.ToString("D4", CultureInfo.InvariantCulture);
        return new Actor("p-test" + n, $"owner-{n}@example.com", "svc-one-" + n, "svc-two-" + n);
    }

    /// <summary>Writes the files into a new directory.</summary>
    public static string Create()
    {
        var directory = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
        File.Copy(Path.Combine(Sample, "sample.yaml"), Path.Combine(directory, "sample.yaml"));
        var yaml = new StringBuilder(
            """
            targets:
              - { id: jobs-db, kind: postgresql-login, environment: production, tier: 2, activationBudget: PT5M }
            entitlements:
              - { id: jobs-db/session, target: jobs-db, risk: low, maxDuration: PT8H, owner: dana@example.com, privilege: jobs, privileges: [log in] }
            people:

            """
        );
        foreach (var a in Enumerable.Range(0, Actors).Select(Get))
        {
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{ id: {a.HumanId}, name: {a.HumanName} }}");
        }

        yaml.AppendLine("principals:");
        yaml.AppendLine("  - { id: svc-omar, kind: service-account, owner: omar@example.com }");
        foreach (var a in Enumerable.Range(0, Actors).Select(Get))
        {
            foreach (var id in new[] { a.First, a.Second })
            {
                yaml.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  - {{ id: {id}, kind: service-account, owner: {a.HumanName}, accounts: {{ orders-db: {id}, ledger-db: {id}, jobs-db: {id} }} }}"
                );
            }
        }

        yaml.AppendLine("sources:");
        yaml.AppendLine("  - { source: https://itsm.example.com/jira, users: [jira], trustedFor: [approvals], owner: lee@example.com }");
        File.WriteAllText(Path.Combine(directory, "tests.yaml"), yaml.ToString());
        return directory;
    }
}
