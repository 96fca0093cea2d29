using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Connectors;
using Governance.Contracts.Issuance;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Governance.Issuance.Tests;

public sealed class When_a_target_is_in_trouble : IssuanceFixture
{
    // Sent with the change and with nothing else.
    private const string InTheChange = "statement_timeout";

    private FaultProxy _proxy = null!;

    [SetUp]
    public void StartProxy() => _proxy = FaultProxy.Start(Orders.Port);

    [TearDown]
    public async Task StopProxyAsync() => await _proxy.DisposeAsync();

    [Test]
    public async Task Should_wait_for_a_target_that_is_down_and_tell()
    {
        await StartAsync();
        var binding = await Orders.CreateBindingAsync();
        _proxy.Refuse();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        var failure = await Lifecycle.FailureAsync(1);
        Assert.That(failure.Code, Is.EqualTo("unreachable"));
        Assert.That(failure.Attempt, Is.EqualTo(1));
        Assert.That(failure.NextAttemptAt, Is.GreaterThan(failure.FailedAt));
        Assert.That(Lifecycle.Observed(), Is.Empty);

        _proxy.Heal();
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    [Test]
    public async Task Should_show_that_a_target_does_not_answer_as_soon_as_an_attempt_finds_out()
    {
        // Nobody looks at it but at the start.
        Set("Issuance:PreflightInterval", "01:00:00");
        AddTarget("orders-db", Orders.Through(_proxy));
        var replica = await StartReplicaAsync();
        using var http = new HttpClient { BaseAddress = new Uri(replica.Urls.First()) };
        await Eventually.Until(async () => (await TargetAsync(http))["lookedAt"], Is.Not.Null);
        var binding = await Orders.CreateBindingAsync();
        Assert.That((await TargetAsync(http))["unreachable"], Is.Null);

        _proxy.Refuse();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        await Eventually.Until(async () => (await TargetAsync(http))["unreachable"], Is.Not.Null);
        var silent = await Eventually.Until(
            () => TargetAsync(http),
            one => (DateTimeOffset?)one["unreachableAt"] > (DateTimeOffset?)one["unreachableSince"]
        );
        Assert.That((DateTimeOffset)silent["unreachableSince"]!, Is.GreaterThan((DateTimeOffset)silent["lookedAt"]!));

        _proxy.Heal();
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
        await Eventually.Until(async () => (await TargetAsync(http))["unreachable"], Is.Null);
        Assert.That((await TargetAsync(http))["unreachableSince"], Is.Null);
    }

    [Test]
    public async Task Should_show_that_a_target_hangs()
    {
        Set("Issuance:PreflightInterval", "00:00:01");
        AddTarget("orders-db", Orders.Through(_proxy), attemptTimeout: "00:00:02");
        var replica = await StartReplicaAsync();
        using var http = new HttpClient { BaseAddress = new Uri(replica.Urls.First()) };
        await Eventually.Until(async () => (await TargetAsync(http))["lookedAt"], Is.Not.Null);

        _proxy.Delay(TimeSpan.FromHours(1));
        await Eventually.Until(async () => (await TargetAsync(http))["unreachable"], Is.Not.Null, TimeSpan.FromSeconds(60));
    }

    private static async Task<JsonNode> TargetAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<JsonNode>(new Uri("/v1/targets", UriKind.Relative)))!["targets"]![0]!;

    [Test]
    public async Task Should_tell_of_a_target_that_accepts_a_removal_and_never_makes_it()
    {
        Gates.Instead = desired => desired.Wanted ? null : new ApplyResult.Accepted(TimeProvider.System.GetUtcNow().AddHours(1));
        Set("Issuance:MaxRemovalBackOff", "00:00:01");
        AddTarget("orders-db", Orders.ConnectionString, kind: "gated");
        await StartReplicaAsync();
        var binding = await GivenAsync();

        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);

        var failure = await Lifecycle.FailureAsync(2);
        Assert.That(failure.Code, Is.EqualTo(ConnectorErrors.Mismatch));
        Assert.That(failure.NextAttemptAt - failure.FailedAt, Is.LessThan(TimeSpan.FromSeconds(5)), "it does not rest for an hour");
        Gates.Instead = _ => null;
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_take_away_once_a_target_is_back()
    {
        await StartAsync();
        var binding = await GivenAsync();
        _proxy.Refuse();
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        Assert.That((await Lifecycle.FailureAsync(2)).Code, Is.EqualTo("unreachable"));
        Assert.That(Lifecycle.Observed(), Has.Count.EqualTo(1));

        _proxy.Heal();
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_let_other_targets_go_on_while_one_is_slow()
    {
        await using var other = TargetDatabase.InOtherCluster();
        AddTarget("ledger-db", other.ConnectionString);
        await StartAsync();
        var slow = await Orders.CreateBindingAsync();
        await using var administrator = await Orders.OpenAsync();
        await using var transaction = await administrator.BeginTransactionAsync();
        await using (var grant = new NpgsqlCommand($"grant {slow.Privilege} to {slow.Account}", administrator))
        {
            await grant.ExecuteNonQueryAsync();
        }

        await Lifecycle.AskAsync(slow, revision: 1, leases: 1);
        var quick = await other.CreateBindingAsync(target: "ledger-db");
        await Lifecycle.AskAsync(quick, revision: 1, leases: 1, principal: "svc-billing");
        Assert.That((await Lifecycle.AnswerAsync(1, "svc-billing")).Direct, Is.True);
        Assert.That(Lifecycle.Observed(), Is.Empty);
        Assert.That(
            (await Lifecycle.FailureAsync(1, code: ConnectorErrors.Blocked)).Message,
            Does.Contain(FormattableString.Invariant($"pid {administrator.ProcessID} "))
        );

        await transaction.RollbackAsync();
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    [Test]
    public async Task Should_work_with_a_target_that_takes_its_time()
    {
        // However slow the machine is: no attempt may fail.
        AddTarget("orders-db", Orders.Through(_proxy), attemptTimeout: "00:01:00");
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        _proxy.Delay(TimeSpan.FromMilliseconds(50));
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
        Assert.That(Lifecycle.Failed(), Is.Empty);
    }

    [Test]
    public async Task Should_find_out_after_the_hard_end_what_a_target_did_that_never_answered()
    {
        Set("Issuance:ClaimMargin", "00:00:03");
        await StartAsync(attemptTimeout: "00:00:02");
        var binding = await GivenAsync();
        var asked = TimeProvider.System.GetTimestamp();
        _proxy.SwallowAnswersAfter(InTheChange);
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        await Eventually.Until(() => Task.FromResult(_proxy.Triggered), Is.EqualTo(1));
        await Eventually.Until(() => Orders.IsMemberAsync(binding), Is.False);

        Assert.That((await Lifecycle.FailureAsync(2)).Code, Is.EqualTo("timeout"));
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(
            TimeProvider.System.GetElapsedTime(asked),
            Is.GreaterThan(TimeSpan.FromSeconds(4.9)),
            "Absent counts after the hard end only."
        );
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_not_wait_for_the_hard_end_when_a_session_broke_in_the_middle_and_is_gone_at_the_target(bool removal)
    {
        // Longer than anybody waits for the answer.
        AddTarget("orders-db", Orders.Through(_proxy), attemptTimeout: "00:01:00");
        await StartReplicaAsync();
        var binding = removal ? await GivenAsync() : await Orders.CreateBindingAsync();
        _proxy.CutAfter(InTheChange);

        await Lifecycle.AskAsync(binding, revision: 2, leases: removal ? 0 : 1);

        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.EqualTo(!removal));
        Assert.That(await Orders.IsMemberAsync(binding), Is.EqualTo(!removal));
        Assert.That(_proxy.Triggered, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_leave_a_target_alone_for_a_while_and_still_say_why()
    {
        AddTarget("orders-db", Orders.Through(_proxy));
        Set("Issuance:Targets:0:BreakAfter", "2");
        Set("Issuance:Targets:0:Retries", "0");
        Set("Issuance:Targets:0:BreakDuration", "00:00:01");
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        _proxy.Refuse();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        // Open after two, and the others are not even connected to.
        await Eventually.Until(() => Task.FromResult(Lifecycle.Failed()), all => all.Count >= 4, TimeSpan.FromSeconds(30));
        var other = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(other, revision: 1, leases: 1, principal: "svc-billing");
        HoldingFailed untried = await Lifecycle.FailureAsync(1, "svc-billing");
        Assert.Multiple(() =>
        {
            Assert.That(Lifecycle.Failed().Select(f => f.Code), Is.All.EqualTo("unreachable"), "the cause");
            Assert.That(Lifecycle.Failed().Select(f => f.Attempt).Order(), Is.EqualTo(Enumerable.Range(1, Lifecycle.Failed().Count)));
            Assert.That(Lifecycle.Failed(), Is.All.Matches<HoldingFailed>(f => f!.NextAttemptAt > f.FailedAt));
            Assert.That(
                untried.Code == "circuit-open"
                    ? untried.Message.Contains("It began with unreachable: The target can't be reached.", StringComparison.Ordinal)
                    : untried.Code == "unreachable",
                Is.True,
                untried.Message
            );
        });
        _proxy.Heal();
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    [Test]
    public async Task Should_tell_what_is_refused_without_telling_secrets()
    {
        var wrong = new NpgsqlConnectionStringBuilder(Orders.ConnectionString) { Username = "nobody-here", Password = "hunter2-secret" };
        AddTarget("orders-db", wrong.ConnectionString);
        await StartReplicaAsync();
        await Lifecycle.AskAsync(await Orders.CreateBindingAsync(), revision: 1, leases: 1);

        var failure = await Lifecycle.FailureAsync(1);
        Assert.That(failure.Code, Is.EqualTo("refused"));
        Assert.That(failure.Message, Does.Not.Contain("hunter2").And.Not.Contain("127.0.0.1").And.Not.Contain("nobody-here"));
    }

    [TestCase("account", "unknown-account")]
    [TestCase("privilege", "unknown-privilege")]
    public async Task Should_tell_what_does_not_exist_and_go_on_once_it_does(string missing, string code)
    {
        await StartAsync();
        var binding = await Orders.CreateBindingAsync();
        var role = missing == "account" ? binding.Account : binding.Privilege;
        await Orders.ExecuteAsync($"drop role {role}");
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        Assert.That((await Lifecycle.FailureAsync(1)).Code, Is.EqualTo(code));

        await Orders.ExecuteAsync($"create role {role}");
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    [Test]
    public async Task Should_find_nothing_left_of_an_account_that_was_dropped()
    {
        await StartAsync();
        var binding = await GivenAsync();
        await Orders.ExecuteAsync($"drop role {binding.Account}");
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);

        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That((answer.Direct, answer.Effective), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Should_tell_when_nobody_configured_the_target()
    {
        await StartAsync();
        await Lifecycle.AskAsync(
            new()
            {
                Target = "nowhere",
                Account = "a",
                Privilege = "p",
            },
            revision: 1,
            leases: 1
        );

        Assert.That((await Lifecycle.FailureAsync(1)).Code, Is.EqualTo("unknown-target"));
    }

    [Test]
    public async Task Should_tell_of_sessions_that_may_go_on_with_what_was_taken_away()
    {
        await StartAsync();
        var binding = await GivenAsync();
        var member = TargetDatabase.Unique("member");
        await Orders.ExecuteAsync($"create role {member} login password 'p'; grant {binding.Account} to {member}");
        await using var session = await Orders.LogInAsync(member, "p");
        await using (var setRole = new NpgsqlCommand($"set role {binding.Privilege}", session))
        {
            await setRole.ExecuteNonQueryAsync();
        }

        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That((answer.Direct, answer.Effective, answer.Fenced), Is.EqualTo((false, true, (bool?)true)));
        Assert.That(answer.Paths.Single(), Does.Contain(FormattableString.Invariant($"pid {session.ProcessID} of {member}")));
    }

    [Test]
    public async Task Should_say_when_it_is_ready_that_a_target_is_not_fenced()
    {
        var binding = await Orders.CreateBindingAsync();
        var limited = TargetDatabase.Unique("suite");
        await Orders.ExecuteAsync(
            $"create role {limited} login password 'p'; grant {binding.Privilege} to {limited} with admin option; grant pg_signal_backend to {limited}"
        );
        AddTarget(
            "orders-db",
            new NpgsqlConnectionStringBuilder(Orders.ConnectionString) { Username = limited, Password = "p" }.ConnectionString
        );
        var replica = await StartReplicaAsync();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        Assert.That((await Lifecycle.AnswerAsync(1)).Fenced, Is.False);
        var report = await replica.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(report.Entries["fencing"].Description, Does.Contain("orders-db"));
    }

    // Longer than a busy machine takes, for a target that answers is told from one that does not.
    private async Task StartAsync(string attemptTimeout = "00:00:20")
    {
        AddTarget("orders-db", Orders.Through(_proxy), attemptTimeout);
        await StartReplicaAsync();
    }
}
