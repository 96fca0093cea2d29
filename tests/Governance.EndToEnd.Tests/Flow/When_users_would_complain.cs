using System.Net;
using System.Text.Json;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using Npgsql;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

/// <summary>What users of such systems complain about most, access that is not what the record says: a test for each complaint.</summary>
[NonParallelizable]
public sealed class When_users_would_complain
{
    private const string Security = "kim@example.com";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Test]
    public async Task That_the_first_of_two_requests_ends_and_takes_what_the_second_grants()
    {
        var first = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(2)));
        var second = await PublishAsync(Request(Current.Catalog.Open[0], Long, first.Principal));
        await StateAsync(second, "active");
        await StateAsync(first, "ended");

        Assert.That(await Current.Target.CanReadAsync(second.Principal.Account), Is.True);
        await RevokedAsync(second);
    }

    [Test]
    public async Task That_revoking_one_of_two_takes_what_the_longer_one_grants()
    {
        var longer = await ActiveAsync(Current.Catalog.Open[0]);
        var shorter = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromMinutes(1), longer.Principal));
        await StateAsync(shorter, "active");

        await RevokedAsync(shorter);

        Assert.That(await Current.Target.CanReadAsync(longer.Principal.Account), Is.True);
        await RevokedAsync(longer);
        Assert.That(await Current.Target.CanReadAsync(longer.Principal.Account), Is.False);
    }

    [Test]
    public async Task That_a_revocation_fails_without_a_reason()
    {
        var request = await ActiveAsync(Current.Catalog.Open[0]);
        await WhileLockedOutAsync(async () =>
        {
            await Api.CommandAsync(request.GrantId, "revoke", Security);
            var failed = await StateAsync(request, "revoke-failed");
            var failure = failed!.Body.GetProperty("failure");
            Assert.That(failure.GetProperty("message").GetString(), Is.Not.Empty);
            Assert.That(
                failure.GetProperty("nextAttemptAt").GetDateTimeOffset(),
                Is.GreaterThan(failure.GetProperty("at").GetDateTimeOffset())
            );
            var listed = await Api.GetAsync("/v1/grants?state=revoke-failed");
            Assert.That(listed.ToString(), Does.Contain(request.GrantId.ToString()));
        });
        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task That_it_says_revoked_while_the_access_is_there()
    {
        var request = await ActiveAsync(Current.Catalog.Open[1]);
        await WhileLockedOutAsync(async () =>
        {
            await Api.CommandAsync(request.GrantId, "revoke", Security);
            var until = DateTimeOffset.UtcNow.AddSeconds(3);
            while (DateTimeOffset.UtcNow < until)
            {
                Assert.That((await Api.GetAsync(request.GrantId))!.State, Is.EqualTo("revoking").Or.EqualTo("revoke-failed"));
                Assert.That(await IsMemberAsync(request), Is.True);
            }
        });
        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task That_approved_access_is_not_there_before_the_third_try()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], Long));
        await StateAsync(request, "awaiting-approval");
        await Api.CommandAsync(request.GrantId, "approve", "lee@example.com");

        await StateAsync(request, "active");

        Assert.That(await IsMemberAsync(request), Is.True, "at once, the first time");
        await RevokedAsync(request);
    }

    [Test]
    public async Task That_requests_vanish_from_the_list_of_approvals()
    {
        var requests = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => PublishAsync(Request(Current.Catalog.Gated[1], TimeSpan.FromMinutes(1))))
        );
        foreach (var request in requests)
        {
            await StateAsync(request, "awaiting-approval");
        }

        var mine = (await Api.GetAsync("/v1/approvals?mine", "lee@example.com")).ToString();
        Assert.That(requests.Where(r => !mine.Contains(r.GrantId.ToString(), StringComparison.Ordinal)), Is.Empty);
        var told = (await DecisionLog.ReadAsync(Current.BusUrl)).Where(d => d.Type == "governance.approval.requested.v1").ToList();
        Assert.That(requests.Where(r => told.All(d => d.Subject != r.GrantId.ToString())), Is.Empty, "and approvers are told");
        await Task.WhenAll(requests.Select(r => Api.CommandAsync(r.GrantId, "reject", "lee@example.com")));
        var left = (await Api.GetAsync("/v1/approvals?mine", "lee@example.com")).ToString();
        Assert.That(requests.Where(r => left.Contains(r.GrantId.ToString(), StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task That_a_conflict_at_the_target_is_an_error()
    {
        var requests = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => PublishAsync(Request(Current.Catalog.Open[2], TimeSpan.FromSeconds(4))))
        );

        foreach (var request in requests)
        {
            await StateAsync(request, "ended");
            Assert.That(await IsMemberAsync(request), Is.False);
        }
    }

    [Test]
    public async Task That_it_says_active_although_nothing_was_created()
    {
        var request = Request(Current.Catalog.Open[0], Long);
        await WhileLockedOutAsync(async () =>
        {
            await PublishAsync(request);
            await Eventually.Until(
                () => Api.GetAsync(request.GrantId),
                grant => grant?.State == "activating" && grant.Body.TryGetProperty("failure", out _),
                TimeSpan.FromSeconds(30)
            );
        });
        await StateAsync(request, "active");
        Assert.That(await IsMemberAsync(request), Is.True);
        await RevokedAsync(request);
    }

    [Test]
    public async Task That_an_extension_does_not_reach_the_target()
    {
        var request = await PublishAsync(Request(Current.Catalog.Open[3], TimeSpan.FromSeconds(6)));
        var end = End((await StateAsync(request, "active"))!);
        await Eventually.Until(
            () =>
                Api.CommandAsync(request.GrantId, "renew", request.Principal.Owner, "k", """{"duration":"PT1M","justification":"more"}"""),
            answer => answer.Status == HttpStatusCode.OK,
            TimeSpan.FromSeconds(10)
        );
        await Eventually.Until(() => Api.GetAsync(request.GrantId), grant => End(grant!) > end);

        await Eventually.Until(() => Task.FromResult(DateTimeOffset.UtcNow), Is.GreaterThan(end.AddSeconds(2)));

        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.True);
        await RevokedAsync(request);
    }

    [Test]
    public async Task That_one_request_makes_two_grants_by_two_doors()
    {
        var request = Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(2));

        await Task.WhenAll(PublishAsync(request), Api.RequestAsync(request.ToJson()), PublishAsync(request));

        await StateAsync(request, "ended");
        var grants = await Api.GetAsync($"/v1/grants?principal={request.Principal.Id}");
        Assert.That(grants.Body.GetProperty("grants").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task That_a_revocation_runs_never_or_twice()
    {
        var request = await ActiveAsync(Current.Catalog.Open[1]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Api.CommandAsync(request.GrantId, "revoke", Security, "key")));

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
        Assert.That(await CountAsync(request, "revocation-started.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task That_access_can_not_be_asked_for_while_it_is_there()
    {
        var first = await ActiveAsync(Current.Catalog.Open[2]);

        var second = await PublishAsync(Request(Current.Catalog.Open[2], TimeSpan.FromMinutes(10), first.Principal));

        var (one, other) = (await StateAsync(first, "active"), await StateAsync(second, "active"));
        Assert.That(End(other!), Is.GreaterThan(End(one!)));
        await RevokedAsync(first);
        await RevokedAsync(second);
    }

    [Test]
    public async Task That_two_approvers_at_once_make_two_revocations()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], TimeSpan.FromSeconds(3)));
        await StateAsync(request, "awaiting-approval");

        var answers = await Task.WhenAll(
            Api.CommandAsync(request.GrantId, "approve", "omar@example.com"),
            Api.CommandAsync(request.GrantId, "approve", "lee@example.com")
        );

        Assert.That(answers.Select(a => a.Status), Has.Some.EqualTo(HttpStatusCode.OK));
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.Conflict));
        await StateAsync(request, "ended");
        Assert.That(await CountAsync(request, "activation-started.v1"), Is.EqualTo(1));
        Assert.That(await CountAsync(request, "revocation-started.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task That_a_change_of_configuration_revokes_everything()
    {
        var request = await ActiveAsync(Current.Catalog.Open[3]);
        var catalog = Path.Combine(Current.Home, "catalog", "more.yaml");
        var before = (await SweepAsync()).GetProperty("id").GetGuid();

        await File.WriteAllTextAsync(catalog, "people:\n  - { id: p-new, name: new@example.com }\n");

        var sweep = await Eventually.Until(
            SweepAsync,
            s => s.GetProperty("id").GetGuid() != before && s.GetProperty("state").GetString() == "finished",
            TimeSpan.FromSeconds(60)
        );
        Assert.That(sweep.GetProperty("forbidden").GetInt32(), Is.Zero);
        Assert.That((await Api.GetAsync(request.GrantId))!.State, Is.EqualTo("active"));
        Assert.That(await IsMemberAsync(request), Is.True);
        await RevokedAsync(request);
    }

    [Test]
    public async Task That_what_comes_at_once_is_there_twice()
    {
        var principal = Request(Current.Catalog.Open[0], Long).Principal;
        var requests = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(5), principal)))
        );
        await Task.WhenAll(requests.Select(r => StateAsync(r, "active")));

        var memberships = await Current.Target.MembershipsAsync(Current.Catalog.Tag);
        Assert.That(memberships.Count(m => m.StartsWith(principal.Account + " ", StringComparison.Ordinal)), Is.EqualTo(1));
        await Task.WhenAll(requests.Select(r => StateAsync(r, "ended")));
        Assert.That(await IsMemberAsync(requests[0]), Is.False);
    }

    [Test]
    public async Task That_a_rule_holds_at_one_door_only()
    {
        var byBus = await PublishAsync(Request(Current.Catalog.Forbidden, TimeSpan.FromMinutes(1)));
        var byHttp = Request(Current.Catalog.Forbidden, TimeSpan.FromMinutes(1));
        Assert.That((await Api.RequestAsync(byHttp.ToJson())).Status, Is.EqualTo(HttpStatusCode.Accepted));

        var denied = new[] { await StateAsync(byBus, "denied"), await StateAsync(byHttp, "denied") };

        Assert.That(
            denied.Select(d => d!.Body.GetProperty("decision").GetProperty("reasons").ToString()).Distinct(StringComparer.Ordinal).Count(),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task That_taking_an_approved_request_back_leaves_the_access()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], Long));
        await StateAsync(request, "awaiting-approval");
        await Api.CommandAsync(request.GrantId, "approve", "lee@example.com");
        await StateAsync(request, "active");

        IsOk(await Api.CommandAsync(request.GrantId, "withdraw", request.Principal.Owner), "revoking");

        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task That_what_was_given_up_can_be_taken_again_until_its_time_is_over()
    {
        var request = await ActiveAsync(Current.Catalog.Open[0]);
        await Api.CommandAsync(request.GrantId, "withdraw", request.Principal.Owner);
        await StateAsync(request, "ended");

        await PublishAsync(request);
        var renewed = await Api.CommandAsync(
            request.GrantId,
            "renew",
            request.Principal.Owner,
            body: """{"duration":"PT10M","justification":"again"}"""
        );
        var resumed = await Api.CommandAsync(request.GrantId, "resume", Security);

        Assert.That(new[] { renewed.Status, resumed.Status }, Is.All.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Api.GetAsync(request.GrantId))!.State, Is.EqualTo("ended"));
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task That_whoever_is_logged_in_stays_when_the_access_ends()
    {
        var request = await PublishAsync(Request(Current.Catalog.Open[1], TimeSpan.FromSeconds(4)));
        await StateAsync(request, "active");
        await using var session = await TargetCluster.OpenAsync(TargetCluster.As(Current.Target.Orders, request.Principal.Account));
        // Whoever has put on the role keeps it, whatever is revoked.
        await ExecuteAsync(session, $"set role {request.Entitlement.Privilege}");
        await ExecuteAsync(session, "select count(*) from items");

        await StateAsync(request, "ended");

        Assert.That(async () => await ExecuteAsync(session, "select count(*) from items"), Throws.InstanceOf<NpgsqlException>());
    }

    [Test]
    public async Task That_there_is_no_red_button()
    {
        var active = await ActiveAsync(Current.Catalog.Open[0]);
        var other = await PublishAsync(Request(Current.Catalog.Open[1], Long, active.Principal));
        var waiting = await PublishAsync(Request(Current.Catalog.Gated[1], Long, active.Principal));
        await StateAsync(other, "active");
        await StateAsync(waiting, "awaiting-approval");

        var order = await Api.PostAsync(
            "/v1/revocations",
            Security,
            JsonSerializer.Serialize(
                new
                {
                    selector = new { principal = active.Principal.Id },
                    reason = "its key was found in a public repository",
                    confirm = 3,
                }
            )
        );

        Assert.That(order.Status, Is.EqualTo(HttpStatusCode.Created), order.ToString());
        await StateAsync(active, "ended");
        await StateAsync(other, "ended");
        await StateAsync(waiting, "denied");
        Assert.That(await IsMemberAsync(active), Is.False);
        Assert.That(await IsMemberAsync(other), Is.False);
    }

    [Test]
    public async Task That_many_ends_at_once_hang()
    {
        var principals = Enumerable.Range(0, 8).Select(_ => Request(Current.Catalog.Open[0], Long).Principal).ToList();
        var requests = await Task.WhenAll(
            principals.SelectMany(p => Current.Catalog.Open.Select(e => PublishAsync(Request(e, TimeSpan.FromMinutes(20), p))))
        );
        await Task.WhenAll(requests.Select(r => StateAsync(r, "active", TimeSpan.FromSeconds(60))));

        await Task.WhenAll(requests.Select(r => Api.CommandAsync(r.GrantId, "revoke", Security)));

        await Task.WhenAll(requests.Select(r => StateAsync(r, "ended", TimeSpan.FromSeconds(60))));
        var left = await Current.Target.MembershipsAsync(Current.Catalog.Tag);
        Assert.That(left.Where(m => principals.Exists(p => m.StartsWith(p.Account + " ", StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public async Task That_what_can_not_be_revoked_is_given_up_or_starves_the_rest()
    {
        var stuck = await ActiveAsync(Current.Catalog.Open[0]);
        var elsewhere = Current.Catalog.Entitlements.Single(e => e.Target == "ledger-db");
        await WhileLockedOutAsync(async () =>
        {
            await Api.CommandAsync(stuck.GrantId, "revoke", Security);
            await StateAsync(stuck, "revoke-failed");
            var other = await PublishAsync(Request(elsewhere, TimeSpan.FromSeconds(2)));
            await StateAsync(other, "ended", TimeSpan.FromSeconds(15));
            await Eventually.Until(
                () => Api.GetAsync(stuck.GrantId),
                grant => grant!.Body.GetProperty("failure").GetProperty("attempt").GetInt32() > 7,
                TimeSpan.FromSeconds(60)
            );
        });
        await StateAsync(stuck, "ended");
        Assert.That(await IsMemberAsync(stuck), Is.False);
    }

    /// <summary>The suite's account is not let into the target's database meanwhile.</summary>
    private static async Task WhileLockedOutAsync(Func<Task> act)
    {
        var database = new NpgsqlConnectionStringBuilder(Current.Target.Orders).Database;
        await using var superuser = await TargetCluster.OpenAsync(Current.Target.Orders);
        await ExecuteAsync(superuser, $"revoke connect on database {database} from public");
        await ExecuteAsync(
            superuser,
            $"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{Current.Target.Connector}' and datname = '{database}'"
        );
        try
        {
            await act();
        }
        finally
        {
            await ExecuteAsync(superuser, $"grant connect on database {database} to public");
        }
    }

    private static async Task<AccessRequest> ActiveAsync(LoadEntitlement entitlement)
    {
        var request = await PublishAsync(Request(entitlement, Long));
        await StateAsync(request, "active");
        return request;
    }

    private static async Task RevokedAsync(AccessRequest request)
    {
        await Api.CommandAsync(request.GrantId, "revoke", Security);
        await StateAsync(request, "ended");
    }

    private static async Task<int> CountAsync(AccessRequest request, string type) =>
        (await Api.HistoryAsync(request.GrantId))
            .Body.GetProperty("events")
            .EnumerateArray()
            .Count(e => e.GetProperty("type").GetString() == type);

    private static async Task<JsonElement> SweepAsync() => (await Api.GetAsync("/v1/sweeps")).Body.GetProperty("sweeps")[0];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static DateTimeOffset End(Answer grant) => grant.Body.GetProperty("expiresAt").GetDateTimeOffset();
}
