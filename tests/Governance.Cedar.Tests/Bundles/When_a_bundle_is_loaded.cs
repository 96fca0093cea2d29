using System.Text;
using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_a_bundle_is_loaded
{
    private const string Use = """@id("use") permit(principal, action == Governance::Action::"use", resource);""";

    private string _directory = string.Empty;

    [SetUp]
    public void CreateDirectory() => _directory = Directory.CreateTempSubdirectory("cedar-bundle-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Should_read_every_annotation()
    {
        var bundle = Texts.Bundle(
            """
            @id("a/b.c-1") @reason("why") @control("AC-2") @advice("do this") @approval("1 of owner") @maxDuration("PT2H") @reviewWithin("P7D")
            @boundToTicket @notBefore("change-window") @notify("group:dba, owner, user:x") @risk("high") @rationale("because")
            forbid(principal, action in [Governance::Action::"issue", Governance::Action::"renew"], resource);
            """
        );

        var policy = bundle.Policies["a/b.c-1"];
        Assert.That(policy.Effect, Is.EqualTo(PolicyEffect.Forbid));
        Assert.That((policy.Reason, policy.Control, policy.Advice, policy.Rationale), Is.EqualTo(("why", "AC-2", "do this", "because")));
        Assert.That(policy.Approval!.Text, Is.EqualTo("1 of owner"));
        Assert.That((policy.MaxDuration, policy.ReviewWithin), Is.EqualTo((TimeSpan.FromHours(2), TimeSpan.FromDays(7))));
        Assert.That(policy.BoundToTicket && policy.InChangeWindow && policy.IsGate);
        Assert.That(policy.Notify.Select(recipient => recipient.ToString()), Is.EqualTo(new[] { "group:dba", "owner", "user:x" }));
        Assert.That(policy.Risk, Is.EqualTo(Risk.High));
    }

    [Test]
    public void Should_be_named_by_its_content_alone()
    {
        var other = """@id("never") forbid(principal, action == Governance::Action::"use", resource);""";
        var one = PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("a.cedar", Use + "\n" + other)]).Bundle!;
        var split = PolicyBundle
            .FromFiles(TheEngine.Shared, [new PolicyFile("z.cedar", "// moved\r\n" + other), new PolicyFile("y.cedar", Use)])
            .Bundle!;
        var changed = PolicyBundle
            .FromFiles(TheEngine.Shared, [new PolicyFile("a.cedar", Use + "\n" + other.Replace("never", "ever", StringComparison.Ordinal))])
            .Bundle!;

        Assert.That(one.Digest, Does.Match("^sha256:[0-9a-f]{64}$"));
        Assert.That(split.Digest, Is.EqualTo(one.Digest));
        Assert.That(changed.Digest, Is.Not.EqualTo(one.Digest));
        Assert.That(changed.SchemaDigest, Is.EqualTo(one.SchemaDigest));
    }

    [Test]
    public void Should_come_back_from_its_stored_content()
    {
        var bundle = Texts.Bundle(
            Use,
            Texts.Permit("p", annotations: """@maxDuration("PT1H") @reason("čšž 🐎 \"quoted\"")"""),
            Texts.Gate("g", "1 of owner")
        );

        var again = PolicyBundle.FromCanonicalJson(TheEngine.Shared, bundle.CanonicalJson).Bundle!;
        Assert.That(again.Digest, Is.EqualTo(bundle.Digest));
        Assert.That(again.CanonicalJson, Is.EqualTo(bundle.CanonicalJson));
        Assert.That(again.Policies.Keys, Is.EquivalentTo(bundle.Policies.Keys));
        Assert.That(again.Policies["p"].MaxDuration, Is.EqualTo(TimeSpan.FromHours(1)));

        var reformatted = System.Text.Json.Nodes.JsonNode.Parse(bundle.CanonicalJson)!.ToString();
        Assert.That(PolicyBundle.FromCanonicalJson(TheEngine.Shared, reformatted).Bundle!.Digest, Is.EqualTo(bundle.Digest));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"policies":{"a":null},"schema":"entity A;"}""")]
    [TestCase("""{"policies":{},"schema":"entity A;"}""")]
    [TestCase("""{"policies":{"a":"permit(principal,action,resource);"}}""")]
    [TestCase("""{"policies":{"a":"permit(principal,action,resource);"},"schema":"entity A;","more":1}""")]
    [TestCase("""{"policies":{"a":"\ud800"},"schema":"entity A;"}""")]
    public void Should_refuse_stored_content_that_is_none(string json) =>
        Assert.That(PolicyBundle.FromCanonicalJson(TheEngine.Shared, json).Faults, Is.Not.Empty);

    [Test]
    public void Should_refuse_stored_content_under_another_id()
    {
        var json = Texts.Bundle(Use).CanonicalJson.Replace("{\"use\":", "{\"abuse\":", StringComparison.Ordinal);
        Assert.That(PolicyBundle.FromCanonicalJson(TheEngine.Shared, json).Faults.Single().Message, Does.Contain("another id"));
    }

    [Test]
    public void Should_take_all_files_of_a_directory()
    {
        File.WriteAllText(Path.Combine(_directory, "a.cedar"), Use);
        File.WriteAllText(
            Path.Combine(_directory, "b.cedar"),
            """@id("never") forbid(principal, action == Governance::Action::"use", resource);""",
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: true)
        );
        File.WriteAllText(Path.Combine(_directory, "README.md"), "not a policy");
        Directory.CreateDirectory(Path.Combine(_directory, "tests"));
        File.WriteAllText(Path.Combine(_directory, "tests", "c.test.yaml"), "a case");
        File.WriteAllText(Path.Combine(_directory, "tests", "c.cedar.test.yaml"), "a case");
        Directory.CreateDirectory(Path.Combine(_directory, "docs"));
        File.WriteAllText(Path.Combine(_directory, "docs", "why.md"), "not a policy either");
        Directory.CreateDirectory(Path.Combine(_directory, "..2026_11_29_12_00_00.1"));
        File.WriteAllText(Path.Combine(_directory, "..2026_11_29_12_00_00.1", "c.cedar"), "of a ConfigMap's other version");

        var bundle = PolicyBundle.LoadDirectory(TheEngine.Shared, _directory).Bundle!;
        Assert.That(bundle.Policies.Keys, Is.EquivalentTo(new[] { "use", "never" }));
        Assert.That(bundle.Schema, Is.EqualTo(GovernanceSchema.Text));
    }

    [TestCase("emergency/freeze.cedar", "subdirectories are not read")]
    [TestCase("tests/freeze.cedar", "subdirectories are not read")]
    [TestCase("tests/more/freeze.cedar.test.yaml", "subdirectories are not read")]
    [TestCase("a/b/c/freeze.CEDAR", "subdirectories are not read")]
    [TestCase("own/own.cedarschema", "subdirectories are not read")]
    [TestCase("freeze.CEDAR", "end in .cedar, in small letters")]
    [TestCase("freeze.Cedar", "end in .cedar, in small letters")]
    [TestCase("freeze.cedar.txt", "end in .cedar, in small letters")]
    [TestCase("freeze.cedar~", "end in .cedar, in small letters")]
    [TestCase("freeze.cedar.yaml", "end in .cedar, in small letters")]
    [TestCase("own.CEDARSCHEMA", "end in .cedar, in small letters")]
    [TestCase("freeze.cedar/readme.md", "is a directory and no file")]
    public void Should_be_refused_by_name_where_a_policy_is_silently_not_in_force(string name, string fault)
    {
        File.WriteAllText(Path.Combine(_directory, "a.cedar"), Use);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, name))!);
        File.WriteAllText(
            Path.Combine(_directory, name),
            """@id("freeze") forbid(principal, action in Governance::Action::"hold", resource);"""
        );

        Assert.That(
            PolicyBundle.LoadDirectory(TheEngine.Shared, _directory).Faults.Single().ToString(),
            Does.StartWith(name.EndsWith(".md", StringComparison.Ordinal) ? "freeze.cedar: " : name + ": ").And.Contains(fault)
        );
    }

    [Test]
    public void Should_prefer_the_directorys_own_schema_and_take_only_one()
    {
        File.WriteAllText(Path.Combine(_directory, "a.cedar"), """@id("a") permit(principal, action == Action::"see", resource);""");
        File.WriteAllText(Path.Combine(_directory, "own.cedarschema"), "entity U; action see appliesTo { principal: [U], resource: [U] };");
        Assert.That(PolicyBundle.LoadDirectory(TheEngine.Shared, _directory).Bundle!.Schema, Does.StartWith("entity U;"));

        File.WriteAllText(Path.Combine(_directory, "z.cedarschema"), "entity U;");
        Assert.That(
            PolicyBundle.LoadDirectory(TheEngine.Shared, _directory).Faults.Single().ToString(),
            Does.StartWith("z.cedarschema: a second schema")
        );
    }

    [Test]
    public void Should_refuse_a_directory_that_is_not_there_and_a_file_that_is_no_text()
    {
        Assert.That(PolicyBundle.LoadDirectory(TheEngine.Shared, Path.Combine(_directory, "missing")).Faults, Is.Not.Empty);

        File.WriteAllText(Path.Combine(_directory, "a.cedar"), Use);
        File.WriteAllBytes(Path.Combine(_directory, "b.cedar"), [0x66, 0xFF, 0xFE]);
        Assert.That(
            PolicyBundle.LoadDirectory(TheEngine.Shared, _directory).Faults.Single().ToString(),
            Does.StartWith("b.cedar: can't be read")
        );
    }
}
