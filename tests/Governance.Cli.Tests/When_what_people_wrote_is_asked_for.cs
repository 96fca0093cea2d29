using Governance.Cli.Tests.Running;

namespace Governance.Cli.Tests;

/// <summary>Somebody who decides, and others, at a terminal, against a real Lifecycle.</summary>
[NonParallelizable]
public sealed class When_what_people_wrote_is_asked_for
{
    private const string Justification = "month-end report";
    private const string Omar = "omar@example.com";
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.SharedAsync();

    [Test]
    public async Task Should_be_shown_to_who_may_decide()
    {
        var text = await TextsAsync(_world.Waiting, "--as", Omar);
        var table = await TextsAsync(_world.Waiting, "--as", Omar, "--output", "table");
        var json = await TextsAsync(_world.Waiting, "--as", Omar, "--output", "json");

        Assert.That(text.ExitCode, Is.EqualTo(ExitCodes.Success), text.ToString());
        Assert.That(text.Lines.Single(), Does.Match($@"^20[0-9]{{2}}-\S+Z dana@example\.com \(justification\): {Justification}$"));
        Assert.That(table.Lines, Has.Some.Matches("written.*by.*for.*text"));
        Assert.That(table.Output, Does.Contain(Justification).And.Contain("justification").And.Contain("dana@example.com"));
        Assert.That((string?)json.Json["texts"]![0]!["text"], Is.EqualTo(Justification));
        Assert.That((Guid?)json.Json["grant"], Is.EqualTo(_world.Waiting));
    }

    [Test]
    public async Task Should_have_the_approvers_name_from_the_environment()
    {
        var run = await CommandLine.RunAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["GOVERNANCE_ACTOR"] = Omar },
            "grants",
            "texts",
            _world.Waiting.ToString(),
            "--lifecycle",
            _world.Lifecycle.Url
        );

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Success, run.Output)), run.ToString());
        Assert.That(run.Output, Does.Contain(Justification));
    }

    [TestCase("kim@example.com", Description = "is in no group that is asked")]
    [TestCase("dana@example.com", Description = "stands behind the request")]
    [TestCase("svc-reporting", Description = "is no human")]
    [TestCase("nobody@example.com", Description = "is unknown")]
    public async Task Should_be_shown_to_nobody_else(string who)
    {
        var run = await TextsAsync(_world.Waiting, "--as", who);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Error, Is.Not.Empty.And.Not.Contains(Justification));
    }

    [Test]
    public async Task Should_ask_who_wants_to_know()
    {
        var run = await TextsAsync(_world.Waiting);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Usage, "")), run.ToString());
        Assert.That(run.Error, Does.Contain("say who you are"));
    }

    [Test]
    public async Task Should_say_that_there_is_no_such_grant()
    {
        var run = await TextsAsync(new Guid("0198a1b2-0000-7000-8000-000000000001"), "--as", Omar);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Failure, "")), run.ToString());
        Assert.That(run.Error, Does.Contain("there is no grant 0198a1b2"));
    }

    [Test]
    public async Task Should_say_what_was_erased()
    {
        var grant = await _world.RequestAsync("svc-billing", "orders-db/writer", "awaiting-approval");
        await using var command = _world.Events.CreateCommand("delete from lifecycle.mt_doc_personaltext where data ->> 'grantId' = $1");
        command.Parameters.Add(new() { Value = grant.ToString() });
        Assert.That(await command.ExecuteNonQueryAsync(), Is.EqualTo(1));

        var run = await TextsAsync(grant, "--as", Omar);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Lines.Single(), Does.EndWith("dana@example.com (justification): (erased)"));
    }

    private Task<Run> TextsAsync(Guid grant, params string[] more) =>
        CommandLine.RunAsync(["grants", "texts", grant.ToString(), "--lifecycle", _world.Lifecycle.Url, .. more]);
}
