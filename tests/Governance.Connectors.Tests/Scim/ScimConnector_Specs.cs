using System.Net;
using Governance.Connectors.Scim;
using Governance.Connectors.Tests.Http;
using Governance.Targets.Http;
using Governance.Targets.Scim;
using Governance.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Governance.Connectors.Tests.Http.Harness;

namespace Governance.Connectors.Tests.Scim;

public sealed class ScimConnector_Specs
{
    private ScimServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ScimServer.StartAsync();
        _server.CreateUser("exporter");
        _server.CreateUser("somebody else");
        _server.CreateGroup("readers");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }

    [TestCase("path", false)]
    [TestCase("value", false)]
    [TestCase("path", true)]
    [TestCase("value", true)]
    public async Task Should_use_the_spelling_that_the_provider_takes(string removal, bool capitals)
    {
        (_server.TakesPath, _server.TakesValue, _server.WantsCapitals) = (removal == "path", removal == "value", capitals);
        await using var connector = Connect($"Removal={removal};Operations={(capitals ? "capitalised" : "lower")}");
        _server.Join("somebody else", "readers");

        await connector.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
        await connector.ApplyAsync("exporter", "readers", wanted: false);
        Assert.That(_server.IsMember("exporter", "readers"), Is.False);
        Assert.That(_server.IsMember("somebody else", "readers"), Is.True);
    }

    [Test]
    public async Task Should_never_try_the_other_spelling()
    {
        (_server.TakesPath, _server.TakesValue) = (false, true);
        _server.Join("exporter", "readers");
        await using var connector = Connect();

        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "readers", wanted: false));
        Assert.That(
            (failure.Code, failure.MayHaveHappened, failure.Message),
            Is.EqualTo(("refused", false, "The target refused the request: invalidPath."))
        );
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.True);
        Assert.That(_server.Changes, Is.EqualTo(new[] { 400 }));
        _server.Forgive();
    }

    [Test]
    public async Task Should_say_loudly_that_a_removal_took_the_others_too()
    {
        _server.RemovesAllByValue = true;
        _server.Join("exporter", "readers");
        _server.Join("somebody else", "readers");
        var log = new RecordingLogger<ScimConnector>();
        await using var connector = Connect("Removal=value", logger: log);

        await connector.ApplyAsync("exporter", "readers", wanted: false);
        Assert.That(_server.MembersOf("readers"), Is.Zero);
        Assert.That(log.Events, Is.EqualTo(new[] { (LogLevel.Error, "TargetRemovedOthers") }));
    }

    [TestCase("x\" or userName pr or userName eq \"exporter", "writers")]
    [TestCase("exporter", "readers\" or displayName eq \"admins")]
    [TestCase("back\\slash\\\"", "\\")]
    [TestCase("../../Users", "..")]
    [TestCase("100 % & a=b;c #d ?e /f +g", "%2F%00")]
    [TestCase("größe 測試 😀", "rôle ☂")]
    [TestCase("o'brien", "<script>")]
    public async Task Should_take_names_as_they_are(string account, string privilege)
    {
        if (account != "exporter")
        {
            _server.CreateUser(account);
        }

        _server.CreateGroup(privilege);
        _server.CreateGroup("admins");
        await using var connector = Connect();

        await connector.ApplyAsync(account, privilege, wanted: true);
        Assert.That(_server.IsMember(account, privilege), Is.True);
        Assert.That((_server.MembersOf(privilege), _server.MembersOf("admins")), Is.EqualTo((1, 0)));
        Assert.That((await connector.ReadAsync(account, privilege)).Direct, Is.True);
        await connector.ApplyAsync(account, privilege, wanted: false);
        Assert.That(_server.MembersOf(privilege), Is.Zero);
    }

    // An attribute could not hold half of a pair.
    private static IEnumerable<string> ImpossibleNames() =>
        ["", "new\nline", "nul\0", "half of \uD83D a pair", "ends in \uD83D", new('x', 513)];

    [TestCaseSource(nameof(ImpossibleNames))]
    public async Task Should_ask_for_no_name_that_nobody_can_have(string account)
    {
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ApplyAsync(account, "readers", wanted: true))).Code, Is.EqualTo("unknown-account"));
        Assert.That(await connector.ApplyAsync(account, "readers", wanted: false), Is.TypeOf<ApplyResult.Applied>());
        Assert.That((await connector.ReadAsync(account, "readers")).Direct, Is.False);
        Assert.That(_server.Requests, Is.Empty);
    }

    [Test]
    public async Task Should_compare_names_as_the_standard_does()
    {
        _server.CreateGroup("Readers");
        await using var connector = Connect();
        await connector.ApplyAsync("EXPORTER", "Readers", wanted: true);
        Assert.That((_server.IsMember("exporter", "Readers"), _server.IsMember("exporter", "readers")), Is.EqualTo((true, false)));

        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "READERS", wanted: true));
        Assert.That(
            (failure.Code, failure.Message),
            Is.EqualTo(("refused", "The target has several groups of that name; which one is meant is not guessed."))
        );
    }

    [Test]
    public async Task Should_conclude_nothing_from_a_provider_that_ignores_filters()
    {
        _server.IgnoresFilters = true;
        _server.Join("exporter", "readers");
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Code, Is.EqualTo("error"));
        Assert.That((await FailureOf(() => connector.ApplyAsync("nobody", "readers", wanted: false))).Code, Is.EqualTo("error"));
    }

    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":1}")]
    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"Resources\":[]}")]
    [TestCase("{\"schemas\":[],\"totalResults\":0}")]
    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":0,\"totalresults\":0}")]
    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":0")]
    [TestCase("[]")]
    [TestCase("null")]
    public async Task Should_conclude_nothing_from_an_answer_of_another_form(string answer)
    {
        _server.Instead = async context =>
        {
            context.Response.ContentType = "application/scim+json";
            await context.Response.WriteAsync(answer);
            return true;
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Code, Is.EqualTo("error"));
    }

    [Test]
    public async Task Should_conclude_nothing_from_a_page_for_people()
    {
        _server.Instead = async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<h1>Please log in</h1>");
            return true;
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Code, Is.EqualTo("error"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_stop_reading_an_answer_that_has_no_end(bool length)
    {
        _server.Instead = async context =>
        {
            context.Response.ContentType = "application/scim+json";
            context.Response.ContentLength = length ? 1L << 40 : null;
            var chunk = new byte[65536];
            for (var sent = 0; sent < 64 * 1024 * 1024; sent += chunk.Length)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }

            // Whoever has read all that waits for the rest.
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ReadAsync("exporter", "readers"));
        Assert.That((failure.Code, failure.Message), Is.EqualTo(("error", "The target's answer is larger than it may be.")));
    }

    [Test]
    public async Task Should_page_through_everything_where_filters_are_not_known()
    {
        (_server.Filters, _server.MaxCount) = (false, 2);
        for (var i = 0; i < 7; i++)
        {
            _server.CreateUser($"user {i}");
            _server.CreateGroup($"group {i}");
        }

        await using var connector = Connect("Filter=false");
        await connector.ApplyAsync("user 6", "group 6", wanted: true);
        Assert.That(_server.IsMember("user 6", "group 6"), Is.True);
        Assert.That((await connector.ReadAsync("user 6", "group 6")).Direct, Is.True);
        Assert.That((await FailureOf(() => connector.ApplyAsync("user 7", "group 6", wanted: true))).Code, Is.EqualTo("unknown-account"));
    }

    [Test]
    public async Task Should_page_through_everything_again_when_it_changed_in_between()
    {
        (_server.Filters, _server.MaxCount) = (false, 2);
        _server.CreateUser("third");
        _server.Join("third", "readers");
        var passes = 0;
        _server.Instead = context =>
        {
            // The third moves up to a page that was read already.
            if (context.Request.Path == "/scim/v2/Users" && context.Request.Query["startIndex"] == "3" && ++passes == 1)
            {
                _server.DeleteUser("somebody else");
                _server.CreateUser("fourth");
                _server.CreateUser("fifth");
            }

            return Task.FromResult(false);
        };
        await using var connector = Connect("Filter=false");
        Assert.That((await connector.ReadAsync("third", "readers")).Direct, Is.True);
        Assert.That(passes, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_ask_by_filter_where_members_are_not_returned()
    {
        _server.ReturnsMembers = false;
        await using var connector = Connect("Membership=filter");
        await connector.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.True);
        Assert.That(
            (await connector.ListAllAsync()).Items.Select(i => (i.Account, i.Privilege)),
            Is.EqualTo(new[] { ("exporter", "readers") })
        );
        await connector.ApplyAsync("exporter", "readers", wanted: false);
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.False);
        Assert.That(_server.IsMember("exporter", "readers"), Is.False);
    }

    [Test]
    public async Task Should_read_again_when_the_group_changed_in_between()
    {
        var changes = 3;
        _server.BeforePatch = () =>
        {
            if (Interlocked.Decrement(ref changes) >= 0)
            {
                var name = "late " + Guid.NewGuid();
                _server.CreateUser(name);
                _server.Join(name, "readers");
            }

            return Task.CompletedTask;
        };
        await using var connector = Connect();
        await connector.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That((_server.IsMember("exporter", "readers"), _server.MembersOf("readers")), Is.EqualTo((true, 4)));
        Assert.That(_server.Changes, Is.EqualTo(new[] { 412, 412, 412, 204 }));
    }

    [Test]
    public async Task Should_not_add_late_to_a_group_that_has_changed()
    {
        await using var connector = Connect();
        using var late = new SemaphoreSlim(0);
        using var held = new SemaphoreSlim(0);
        _server.BeforePatch = () =>
        {
            _server.BeforePatch = null;
            held.Release();
            return late.WaitAsync();
        };
        using var cancel = new CancellationTokenSource();
        var attempt = TryAsync(cancel.Token);
        await held.WaitAsync();
        await cancel.CancelAsync();
        Assert.That(await attempt, Is.False);
        await connector.ApplyAsync("exporter", "readers", wanted: true, revision: 2);
        await connector.ApplyAsync("exporter", "readers", wanted: false, revision: 3);

        late.Release();
        await Eventually.Until(() => Task.FromResult(_server.Changes), Is.EqualTo(new[] { 204, 204, 412 }));
        Assert.That(_server.IsMember("exporter", "readers"), Is.False);

        async Task<bool> TryAsync(CancellationToken cancellationToken)
        {
            try
            {
                await connector.ApplyAsync(Desired("exporter", "readers", wanted: true), Soon(), cancellationToken);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    [Test]
    public async Task Should_give_up_in_bounds_when_no_version_ever_matches()
    {
        _server.NeverMatches = true;
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "readers", wanted: true));
        Assert.That((failure.Code, failure.IsTransient, failure.MayHaveHappened), Is.EqualTo(("error", true, false)));

        await using var without = Connect("IfMatch=false");
        await without.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
    }

    [Test]
    public async Task Should_work_without_versions()
    {
        _server.HasVersions = false;
        await using var connector = Connect();
        await connector.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
    }

    [Test]
    public async Task Should_wait_as_long_as_it_was_asked_to()
    {
        (_server.Limited, _server.RetryAfter) = (1, "1");
        await using var connector = Connect();
        var started = TimeProvider.System.GetTimestamp();
        await connector.ApplyAsync("exporter", "readers", wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromMilliseconds(950)));
    }

    [TestCase("120", 120)]
    [TestCase("Tue, 24 Nov 2026 12:02:00 GMT", 120)]
    [TestCase("99999999", 300)]
    public async Task Should_send_nothing_for_as_long_as_it_was_asked_to(string retryAfter, int seconds)
    {
        (_server.Limited, _server.RetryAfter) = (1, retryAfter);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var connector = Connect(clock: clock);

        var failure = await FailureOf(() => Apply());
        Assert.That((failure.Code, failure.IsTransient, failure.MayHaveHappened), Is.EqualTo(("error", false, false)));
        clock.Advance(TimeSpan.FromSeconds(seconds - 40));
        await FailureOf(() => Apply());
        await FailureOf(() => connector.ReadAsync("exporter", "readers"));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
        clock.Advance(TimeSpan.FromSeconds(41));
        await Apply();
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);

        Task<ApplyResult> Apply() =>
            connector.ApplyAsync(Desired("exporter", "readers", wanted: true), Soon(clock), CancellationToken.None);
    }

    [TestCase(301)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Should_not_follow_a_redirect(int status)
    {
        var followed = 0;
        await using var elsewhere = await KestrelServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref followed);
            return Task.CompletedTask;
        });
        _server.Instead = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://127.0.0.1:{elsewhere.Port}/";
            return Task.FromResult(true);
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Code, Is.EqualTo("refused"));
        Assert.That(followed, Is.Zero);
    }

    [TestCase(HttpStatusCode.Unauthorized, "refused", false, false)]
    [TestCase(HttpStatusCode.Forbidden, "refused", false, false)]
    [TestCase(HttpStatusCode.RequestEntityTooLarge, "refused", false, false)]
    [TestCase(HttpStatusCode.NotImplemented, "unreachable", true, false)]
    [TestCase(HttpStatusCode.InternalServerError, "unreachable", true, false)]
    [TestCase(HttpStatusCode.BadGateway, "unreachable", true, false)]
    [TestCase(HttpStatusCode.GatewayTimeout, "timeout", true, false)]
    public async Task Should_tell_what_a_change_came_to(HttpStatusCode status, string code, bool mayHaveHappened, bool transient)
    {
        _server.Instead = context =>
        {
            context.Response.StatusCode = (int)status;
            return Task.FromResult(HttpMethods.IsPatch(context.Request.Method));
        };
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "readers", wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo((code, mayHaveHappened, transient)));
    }

    [Test]
    public async Task Should_repeat_no_secret_that_the_provider_repeats()
    {
        await using var connector = Connect(token: "wr0ng");
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "readers", wanted: true));
        Assert.That(failure.Code, Is.EqualTo("refused"));
        Assert.That(failure.ToString(), Does.Not.Contain("wr0ng").And.Not.Contain("127.0.0.1"));
        _server.Forgive();
    }

    [Test]
    public async Task Should_tell_of_a_nested_group()
    {
        _server.CreateGroup("inner");
        _server.Nest("inner", "readers");
        _server.Join("exporter", "inner");
        await using var connector = Connect();
        var observed = await connector.ReadAsync("exporter", "readers");
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        Assert.That(observed.Paths, Is.EqualTo(new[] { "a nested group" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_take_away_what_a_list_that_is_cut_off_does_not_show(bool groups)
    {
        (_server.MembersShown, _server.ReturnsGroups) = (1, groups);
        _server.Join("somebody else", "readers");
        _server.Join("exporter", "readers");
        await using var connector = Connect();
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.True, "by the user's groups, or by a filter");

        await connector.ApplyAsync("exporter", "readers", wanted: false);

        Assert.That(_server.IsMember("exporter", "readers"), Is.False);
        Assert.That(_server.IsMember("somebody else", "readers"), Is.True);
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_change_what_a_late_read_does_not_show(bool wanted)
    {
        _server.Join("somebody else", "readers");
        if (wanted)
        {
            _server.Join("exporter", "readers");
        }

        _server.ReadsStandStill = true;
        (wanted ? (Action<string, string>)_server.Leave : _server.Join)("exporter", "readers");
        await using var connector = Connect(wanted ? "IfMatch=false" : "");

        await connector.ApplyAsync("exporter", "readers", wanted);

        Assert.That(_server.IsMember("exporter", "readers"), Is.EqualTo(wanted));
    }

    [Test]
    public async Task Should_believe_no_absence_from_a_list_alone()
    {
        (_server.ReturnsGroups, _server.FilterOnMembers) = (false, MemberFilter.Refused);
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ReadAsync("exporter", "readers"));
        Assert.That(failure.Message, Does.StartWith("The target shows who is a member only by a group's list"));

        _server.Join("exporter", "readers");
        Assert.That((await connector.ReadAsync("exporter", "readers")).Direct, Is.True, "presence can be seen in a list");
    }

    [Test]
    public async Task Should_believe_no_absence_from_a_filter_that_finds_nobody()
    {
        (_server.ReturnsGroups, _server.FilterOnMembers) = (false, MemberFilter.FindsNothing);
        _server.Join("somebody else", "readers");
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Code, Is.EqualTo("error"));
    }

    [Test]
    public async Task Should_say_that_a_filter_on_members_is_not_honoured()
    {
        (_server.ReturnsGroups, _server.FilterOnMembers) = (false, MemberFilter.Ignored);
        await using var connector = Connect();
        Assert.That(
            (await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Message,
            Does.StartWith("The target does not honour the filter on members")
        );
    }

    [Test]
    public async Task Should_take_away_although_its_version_is_never_taken()
    {
        _server.NeverMatches = true;
        _server.Join("exporter", "readers");
        await using var connector = Connect();
        await connector.ApplyAsync("exporter", "readers", wanted: false);
        Assert.That(_server.IsMember("exporter", "readers"), Is.False);
    }

    [TestCase(false, MemberFilter.Refused, false)]
    [TestCase(false, MemberFilter.FindsNothing, false)]
    [TestCase(false, MemberFilter.Ignored, false)]
    [TestCase(false, MemberFilter.Honoured, true)]
    [TestCase(true, MemberFilter.Refused, true)]
    public async Task Should_give_nothing_where_nothing_could_be_seen_gone(bool groups, MemberFilter filter, bool gives)
    {
        (_server.ReturnsGroups, _server.FilterOnMembers) = (groups, filter);
        _server.Join("somebody else", "readers");
        await using var connector = Connect();

        var preflight = await connector.PreflightAsync([new("exporter", "readers")], CancellationToken.None);

        Assert.That(
            preflight.Obstacles.Any(one => one.Contains("only by a group's list of members", StringComparison.Ordinal)),
            Is.EqualTo(!gives)
        );
    }

    [Test]
    public async Task Should_tell_who_the_provider_is_and_what_it_can_not()
    {
        await using var connector = Connect();
        var unsaid = await connector.PreflightAsync([], CancellationToken.None);
        Assert.That((unsaid.Identity, unsaid.Obstacles.Count), Is.EqualTo(($"scim:http://127.0.0.1:{_server.Port}/scim/v2/", 0)));

        _server.Config = new()
        {
            ["documentationUri"] = "https://provider.example/help",
            ["patch"] = new System.Text.Json.Nodes.JsonObject { ["supported"] = false },
        };
        await using var another = Connect();
        var said = await another.PreflightAsync([], CancellationToken.None);
        Assert.That(said.Identity, Is.EqualTo(unsaid.Identity + " https://provider.example/help"));
        Assert.That(said.Obstacles, Has.One.Contains("no PATCH"));
        Assert.That((await another.ReadAsync("exporter", "readers")).Identity, Is.EqualTo(said.Identity));
    }

    [Test]
    public async Task Should_say_that_ids_are_numbers()
    {
        _server.NumbersIds = true;
        await using var connector = Connect();
        Assert.That(
            (await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Message,
            Does.StartWith("The target has ids that are numbers")
        );
    }

    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":1}", "returns none of them")]
    [TestCase("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"Resources\":[]}", "has no totalResults")]
    [TestCase("{\"schemas\":[],\"totalResults\":0}", "its schemas lack")]
    public async Task Should_say_in_which_way_a_list_is_odd(string answer, string reason)
    {
        _server.Instead = async context =>
        {
            context.Response.ContentType = "application/scim+json";
            await context.Response.WriteAsync(context.Request.Path.Value!.EndsWith("Config", StringComparison.Ordinal) ? "{}" : answer);
            return true;
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "readers"))).Message, Does.Contain(reason));
    }

    [TestCase("Membership=members")]
    [TestCase("Membership=filter")]
    public async Task Should_list_every_membership_page_by_page(string membership)
    {
        _server.MaxCount = 30;
        for (var i = 0; i < 130; i++)
        {
            _server.CreateUser($"user {i}");
        }

        for (var i = 0; i < 40; i++)
        {
            _server.CreateGroup($"group {i}");
            _server.Join("user 7", $"group {i}");
        }

        for (var i = 0; i < 130; i++)
        {
            _server.Join($"user {i}", "readers");
        }

        _server.Nest("group 1", "readers");
        await using var connector = Connect(membership);
        var (items, pages) = await connector.ListAllAsync();

        Assert.That(pages, Is.GreaterThan(2));
        Assert.That(items.Select(item => (item.Account, item.Privilege)), Is.Unique);
        Assert.That(
            items.Select(item => (item.Account, item.Privilege)),
            Is.EquivalentTo(
                Enumerable
                    .Range(0, 130)
                    .Select(i => ($"user {i}", "readers"))
                    .Concat(Enumerable.Range(0, 40).Select(i => ("user 7", $"group {i}")))
            )
        );
        Assert.That(async () => await connector.ListAsync("not a token", CancellationToken.None), Throws.ArgumentException);
    }

    [TestCase("Token=t", "lacks Url")]
    [TestCase("Url=https://scim.example/v2", "lacks Token")]
    [TestCase("Url=http://scim.example/v2;Token=t", "has a Url without https, which only AllowHttp=true permits (for Development)")]
    [TestCase("Url=ftp://scim.example;Token=t", "has a Url that is not a web address, or one with a user, a fragment or a query")]
    [TestCase("Url=https://u:p@scim.example;Token=t", "has a Url that is not a web address, or one with a user, a fragment or a query")]
    [TestCase("Url=https://scim.example;Token=t;Removal=both", "has a Removal that is not one of: path, value")]
    [TestCase("Url=https://scim.example;Token=t;Tokn=u", "has an unknown key 'tokn'")]
    [TestCase("Url=https://scim.example;Token=two words", "has a Token that can't be one: RFC 6750 allows letters, digits and -._~+/=")]
    [TestCase("Url=https://scim.example;Token=t;Membership=filter;Filter=false", "has Membership=filter with Filter=false")]
    [TestCase("no pairs", "is not a list of Key=Value; (the value is not shown, since it may hold a secret)")]
    public void Should_say_what_is_wrong_with_its_settings(string connectionString, string error)
    {
        Assert.That(ScimSettingsErrors(connectionString), Is.EqualTo(new[] { error }));
        Assert.That(
            () => new ScimConnector(Settings(connectionString), TimeProvider.System, NullLogger<ScimConnector>.Instance),
            Throws.ArgumentException
        );
    }

    [Test]
    public void Should_take_good_settings() =>
        Assert.That(
            ScimSettingsErrors(
                $"Url=https://scim.example/v2;Token={ScimServer.Token};Filter=true;Membership=filter;Removal=Value;Operations=capitalised;IfMatch=false"
            ),
            Is.Empty
        );

    private static IEnumerable<string> ScimSettingsErrors(string connectionString) =>
        Registrations.Of(services => services.AddScimConnector()).Validate(Settings(connectionString));

    private ScimConnector Connect(
        string more = "",
        string token = ScimServer.Token,
        int? port = null,
        TimeProvider? clock = null,
        ILogger<ScimConnector>? logger = null
    ) =>
        new(
            Settings($"Url=http://127.0.0.1:{port ?? _server.Port}/scim/v2;AllowHttp=true;Token=\"{token}\";{more}"),
            clock ?? TimeProvider.System,
            logger ?? NullLogger<ScimConnector>.Instance
        );
}
