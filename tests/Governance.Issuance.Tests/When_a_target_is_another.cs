using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Governance.Issuance.Tests;

/// <summary>Behind the same id answers another database: after a restore, a move, or a slip in the configuration.</summary>
public sealed class When_a_target_is_another : IssuanceFixture
{
    private TargetDatabase _other = null!;

    [SetUp]
    public async Task CreateOtherAsync() => _other = await TargetDatabase.CreateAsync();

    [TearDown]
    public async Task DropOtherAsync() => await _other.DisposeAsync();

    [Test]
    public async Task Should_give_nothing_and_count_nothing_as_gone_until_it_is_accepted()
    {
        Set("Issuance:MaxBackOff", "00:00:00.500");
        Set("Issuance:MaxRemovalBackOff", "00:00:00.500");
        AddTarget("orders-db", Orders.ConnectionString);
        var first = await StartReplicaAsync();
        var binding = await GivenAsync();
        await first.StopAsync();

        Set("Issuance:Targets:0:ConnectionString", _other.ConnectionString);
        var replica = await StartDegradedAsync();
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        var later = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(later, revision: 1, leases: 1, principal: "svc-billing");

        Assert.That((await Lifecycle.FailureAsync(2)).Code, Is.EqualTo("target-changed"));
        Assert.That((await Lifecycle.FailureAsync(1, "svc-billing")).Code, Is.EqualTo("target-changed"));
        // Taking away goes on meanwhile: memberships belong to the cluster. It is only not believed.
        await Eventually.Until(() => Orders.IsMemberAsync(binding), Is.False);
        Assert.That(Lifecycle.Observed().Where(o => o.Revision == 2), Is.Empty);
        Assert.That(await Orders.IsMemberAsync(later), Is.False);
        var target = (await TargetsAsync(replica))[0]!;
        Assert.That((bool)target["changed"]!, Is.True);

        await Lifecycle.AcceptAsync("orders-db", (string?)target["other"]);

        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That((await Lifecycle.AnswerAsync(1, "svc-billing")).Direct, Is.True);
        await Eventually.Until(() => IsReadyAsync(replica));
        target = (await TargetsAsync(replica))[0]!;
        Assert.That(((bool)target["changed"]!, (string?)target["acceptedBy"]), Is.EqualTo((false, "p-kim")));
    }

    [Test]
    public async Task Should_read_everything_back_from_the_one_that_is_accepted()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        var first = await StartReplicaAsync();
        var (gone, kept) = (await GivenAsync(), await Orders.CreateBindingAsync());
        await Lifecycle.AskAsync(kept, revision: 1, leases: 1, principal: "svc-billing");
        await Lifecycle.AnswerAsync(1, "svc-billing");
        await Lifecycle.AskAsync(gone, revision: 2, leases: 0);
        await Lifecycle.AnswerAsync(2);
        await first.StopAsync();

        // As a backup has it: what was taken away is there again, and what was given is not there yet.
        await _other.ExecuteAsync($"grant {gone.Privilege} to {gone.Account}; revoke {kept.Privilege} from {kept.Account}");
        Set("Issuance:Targets:0:ConnectionString", _other.ConnectionString);
        var replica = await StartDegradedAsync();
        await Lifecycle.AcceptAsync("orders-db", (string?)(await TargetsAsync(replica))[0]!["other"]);

        await Eventually.Until(() => Orders.IsMemberAsync(gone), Is.False);
        await Eventually.Until(() => Orders.IsMemberAsync(kept), Is.True);
    }

    [Test]
    public async Task Should_not_accept_one_that_the_operator_did_not_see()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        var first = await StartReplicaAsync();
        await Eventually.Until(async () => (string?)(await TargetsAsync(first))[0]!["identity"], Is.Not.Null);
        await first.StopAsync();
        Set("Issuance:Targets:0:ConnectionString", _other.ConnectionString);
        var replica = await StartDegradedAsync();

        await Lifecycle.AcceptAsync("orders-db", "postgresql:1/another");

        await Eventually.Until(async () => (string?)(await TargetsAsync(replica))[0]!["identity"], Is.EqualTo("postgresql:1/another"));
        await Lifecycle.AskAsync(await Orders.CreateBindingAsync(), revision: 1, leases: 1);
        Assert.That((await Lifecycle.FailureAsync(1)).Code, Is.EqualTo("target-changed"));
    }

    [Test]
    public async Task Should_give_nothing_that_it_could_not_take_away()
    {
        var name = TargetDatabase.Unique("suite");
        var binding = await Orders.CreateBindingAsync();
        await Orders.ExecuteAsync($"create role {name} login password 'p'; grant {binding.Privilege} to {name} with admin option");
        AddTarget(
            "orders-db",
            new Npgsql.NpgsqlConnectionStringBuilder(Orders.ConnectionString) { Username = name, Password = "p" }.ConnectionString
        );
        var replica = await StartDegradedAsync();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        var failure = await Lifecycle.FailureAsync(1);
        Assert.That(failure.Code, Is.EqualTo("not-removable"));
        Assert.That(failure.Message, Does.Contain("GRANT pg_signal_backend"));
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        var report = await HealthAsync(replica);
        Assert.That(report.Entries["targets"].Description, Does.Contain("orders-db: nothing is given").And.Contain("pg_signal_backend"));
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Degraded), "it stays in service: taking away goes on");

        await Orders.ExecuteAsync($"grant pg_signal_backend to {name}");
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    private async Task<WebApplication> StartDegradedAsync()
    {
        var replica = await StartReplicaAsync(whenReady: false);
        await Eventually.Until(async () => (await HealthAsync(replica)).Status, Is.EqualTo(HealthStatus.Degraded));
        return replica;
    }

    private static Task<HealthReport> HealthAsync(WebApplication replica) =>
        replica.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private static async Task<JsonArray> TargetsAsync(WebApplication replica)
    {
        using var http = new HttpClient
        {
            BaseAddress = new(replica.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        return (await http.GetFromJsonAsync<JsonNode>(new Uri("/v1/targets", UriKind.Relative)))!["targets"]!.AsArray();
    }
}
