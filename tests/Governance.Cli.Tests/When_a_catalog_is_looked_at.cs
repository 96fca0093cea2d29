using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

public sealed class When_a_catalog_is_looked_at
{
    private static readonly string Sample = RepositoryRoot.File("deploy", "catalog");
    private string _directory = "";

    [SetUp]
    public void CopySample()
    {
        _directory = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
        File.Copy(Path.Combine(Sample, "sample.yaml"), Path.Combine(_directory, "sample.yaml"));
    }

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Should_say_what_it_is()
    {
        var run = await CommandLine.RunAsync("catalog", "validate", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Lines[0], Does.Match("^valid: sha256:[0-9a-f]{64}$"));
        Assert.That(run.Lines[1], Is.EqualTo("2 targets, 4 entitlements, 7 people and principals, 1 conflicts, 1 sources"));
    }

    [Test]
    public async Task Should_name_every_error_with_its_place()
    {
        Change("target: ledger-db", "target: leger-db");
        Change("kind: postgresql, environment: production, tier: 2", "kind: postgres, environment: production, tier: 2");

        var run = await CommandLine.RunAsync("catalog", "validate", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(
            run.Lines,
            Has.Count.EqualTo(2)
                .And.Some.StartsWith(Path.Combine(_directory, "sample.yaml:3:28: targets[orders-db].kind: "))
                .And.Some.StartsWith(Path.Combine(_directory, "sample.yaml:29:13: entitlements[ledger-db/approver].target: "))
        );
    }

    [Test]
    public async Task Should_take_kinds_of_connectors_that_the_installation_has_itself()
    {
        Change("kind: postgresql, environment: production, tier: 2", "kind: mainframe, environment: production, tier: 2");

        Assert.That((await CommandLine.RunAsync("catalog", "validate", _directory)).ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(
            (await CommandLine.RunAsync("catalog", "validate", _directory, "--kind", "mainframe")).ExitCode,
            Is.EqualTo(ExitCodes.Success)
        );
    }

    [Test]
    public async Task Should_refuse_an_empty_directory()
    {
        File.Delete(Path.Combine(_directory, "sample.yaml"));

        var run = await CommandLine.RunAsync("catalog", "validate", _directory);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Failure, run.Output)));
        Assert.That(run.Output, Does.Contain("a catalog that knows nothing"));
    }

    [Test]
    public async Task Should_have_all_that_the_sample_policies_name()
    {
        using var bundle = Bundle.Sample();

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path, "--catalog", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_show_which_names_of_policies_it_does_not_have()
    {
        using var bundle = new Bundle().With(
            "10-a.cedar",
            """
            // Governance::Entitlement::"nowhere/nothing" is only spoken of.
            @id("names")
            @reason("Not Governance::Target::\"nowhere\" either.")
            @approval("1 of group:dba-oncal and 1 of user:p-2c88e013")
            forbid (
              principal in Governance::Group::"auditor",
              action == Governance::Action::"issue",
              resource == Governance::Entitlement::"orders-db/redonly"
            ) when { resource in Governance::Target::"order-db" };

            @id("people")
            forbid (principal == Governance::ServiceAccount::"svc-biling", action == Governance::Action::"use", resource)
            unless { principal in Governance::Group::"auditors" };

            @id("by-name")
            forbid (principal == Governance::Human::"kim@example.com", action == Governance::Action::"approve", resource);
            """
        );

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path, "--catalog", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        var file = bundle.FileOf("10-a.cedar");
        Assert.That(
            run.Lines,
            Is.EquivalentTo([
                $"{file}:4:17: names: the catalog has no group 'dba-oncal'; did you mean 'dba-oncall'?",
                $"{file}:6:16: names: the catalog has no group 'auditor'; did you mean 'auditors'?",
                $"{file}:8:15: names: the catalog has no entitlement 'orders-db/redonly'; did you mean 'orders-db/readonly'?",
                $"{file}:9:22: names: the catalog has no target 'order-db'; did you mean 'orders-db'?",
                $"{file}:12:22: people: the catalog has no service account 'svc-biling'; did you mean 'svc-billing'?",
                $"{file}:16:22: by-name: 'kim@example.com' is a person's name: policies name people by their id, 'p-90a4c6f2'",
            ])
        );
    }

    [Test]
    public async Task Should_end_with_one_line_each_where_policies_are_too_deep()
    {
        using var bundle = new Bundle().With(
            "10-a.cedar",
            $"@id(\"deep\")\nforbid (principal, action, resource) when {{ {new string('(', 5000)}true{new string(')', 5000)} }};"
        );

        var run = await CommandLine.StartAsync("policy", "validate", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines.Single(), Does.StartWith(bundle.FileOf("10-a.cedar") + ":2:").And.Contains("nested too deeply"));
        Assert.That(run.Error, Is.Empty);
    }

    private void Change(string from, string to)
    {
        var path = Path.Combine(_directory, "sample.yaml");
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(from));
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
