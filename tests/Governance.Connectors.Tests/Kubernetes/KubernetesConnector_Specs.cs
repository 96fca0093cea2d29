using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Connectors.Kubernetes;
using Governance.Contracts.Lifecycle;
using Governance.Targets.Kubernetes;
using Governance.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Governance.Connectors.Tests.Kubernetes;

public sealed class KubernetesConnector_Specs
{
    private static readonly Guid Holder = Guid.Parse("0198a1b2-0000-7000-8000-000000000001");

    private StandInCluster _cluster = null!;
    private KubernetesTarget _target = null!;
    private KubernetesConnector _connector = null!;
    private string _account = null!;
    private string _privilege = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StandInCluster.StartAsync();
        _target = await KubernetesTarget.CreateAsync(_cluster, ownsCluster: true);
        _connector = Connect(_target.ConnectionString);
        _account = (await _target.CreateAccountAsync("svc"))!;
        _privilege = await PrivilegeAsync("Role");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _connector.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Test]
    public async Task Should_say_in_the_binding_by_which_grants_and_until_when()
    {
        var until = Moments.Now(TimeProvider.System).AddHours(2);
        var grant = Guid.NewGuid();
        await _connector.ApplyAsync(Desired(7) with { Leases = [new Lease(grant, until)] }, In(5), CancellationToken.None);

        var metadata = (await OwnAsync())["metadata"]!;
        Assert.That((string?)metadata["labels"]!["app.kubernetes.io/managed-by"], Is.EqualTo("governance"));
        Assert.That((string?)metadata["labels"]!["governance/holder"], Is.EqualTo(Holder.ToString()));
        Assert.That((string?)metadata["annotations"]!["governance/revision"], Is.EqualTo("7"));
        var told = JsonNode.Parse((string)metadata["annotations"]!["governance/grants"]!)![0]!;
        Assert.That((string?)told["grant"], Is.EqualTo(grant.ToString()));
        Assert.That(
            DateTimeOffset.Parse((string)told["until"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Is.EqualTo(until)
        );
        Assert.That(await AllowsAsync(_account), Is.True);
    }

    [Test]
    public async Task Should_bear_more_grants_than_an_annotation_can_hold()
    {
        var until = Moments.Now(TimeProvider.System).AddHours(2);
        var leases = Enumerable.Range(0, 4000).Select(i => new Lease(Guid.NewGuid(), until.AddSeconds(i))).ToList();
        await _connector.ApplyAsync(Desired(1) with { Leases = leases }, In(20), CancellationToken.None);
        Assert.That(await AllowsAsync(_account), Is.True);
    }

    [Test]
    public async Task Should_leave_what_keeps_older_attempts_out_and_gives_nothing()
    {
        await GiveAsync(1);
        await TakeAsync(2);

        var left = await OwnAsync();
        Assert.That(left["subjects"], Is.Null);
        Assert.That((string?)left["metadata"]!["labels"]!["governance/state"], Is.EqualTo("ended"));
        Assert.That((string?)left["metadata"]!["annotations"]!["governance/revision"], Is.EqualTo("2"));
        Assert.That(left["metadata"]!["annotations"]!["governance/grants"], Is.Null);
        Assert.That(await AllowsAsync(_account), Is.False);
        Assert.That((await ListAsync()).Where(item => item.Privilege == _privilege), Is.Empty);
    }

    // The process gave up, the network did not.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_not_get_access_back_from_a_request_that_arrives_after_the_removal(bool wasThere)
    {
        if (wasThere)
        {
            await GiveAsync(1);
            await TakeAsync(2);
        }

        _target.Gateway.HoldBefore(wasThere ? "PUT" : "POST");
        using var cancel = new CancellationTokenSource();
        var stalled = _connector.ApplyAsync(Desired(3), In(30), cancel.Token);
        await Eventually.Until(() => Task.FromResult(_target.Gateway.Struck), Is.EqualTo(1));
        await cancel.CancelAsync();
        await stalled.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.That(stalled.IsCanceled, Is.True);

        await TakeAsync(4);
        var before = _target.Gateway.Passed;
        _target.Gateway.LetGo();
        await Eventually.Until(() => Task.FromResult(_target.Gateway.Passed), Is.GreaterThan(before));
        Assert.That(_target.Gateway.LastStatus, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_not_let_a_lower_revision_change_even_what_others_made()
    {
        await GiveAsync(5);
        var byHand = await _target.GiveAsync(_account, _privilege, []);
        Assert.That(() => TakeAsync(4), Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Refused));
        Assert.That((await GetAsync(byHand))["subjects"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_take_only_its_account_out_of_bindings_that_others_made()
    {
        var group = KubernetesTarget.Group("auditors");
        var binding = await _target.GiveAsync(_account, _privilege, [group, KubernetesTarget.Subject("somebody else")]);
        Assert.That((await ReadAsync()).Marker, Is.EqualTo("rolebinding/" + binding));
        await TakeAsync(2);
        Assert.That(
            (await GetAsync(binding))["subjects"]!.AsArray().Select(subject => (string)subject!["name"]!),
            Is.EqualTo(new[] { "auditors", "somebody else" })
        );
        Assert.That((await ReadAsync()).Direct, Is.False);
    }

    [TestCase("""{"kind":"User","name":"ACCOUNT"}""")]
    [TestCase("""{"kind":"ServiceAccount","name":"NAME"}""")]
    public async Task Should_know_an_account_however_a_binding_names_it(string subject)
    {
        var name = _account.Split(':')[3];
        var named = subject.Replace("ACCOUNT", _account, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal);
        var (_, kind, role) = KubernetesTarget.Parts(_privilege);
        var binding = KubernetesTarget.Binding("RoleBinding", "otherwise", kind, role, JsonNode.Parse(named)!);
        await _cluster.DoAsync("POST", KubernetesTarget.CollectionOf(_privilege), binding);
        Assert.That(await AllowsAsync(_account), Is.True);

        Assert.That((await ReadAsync()).Direct, Is.True);
        Assert.That((await ListAsync()).Where(item => item.Account == _account && item.Privilege == _privilege), Has.Exactly(1).Items);
        await TakeAsync(2);
        Assert.That(await AllowsAsync(_account), Is.False);
        Assert.That((await ReadAsync()).Direct, Is.False);
    }

    [Test]
    public async Task Should_take_back_its_binding_when_somebody_put_another_role_there()
    {
        await GiveAsync(1);
        var own = await OwnAsync();
        var name = (string)own["metadata"]!["name"]!;
        await _cluster.DoAsync("DELETE", PathOf(name));
        var (_, _, other) = KubernetesTarget.Parts(await PrivilegeAsync("Role"));
        await _cluster.DoAsync(
            "POST",
            KubernetesTarget.CollectionOf(_privilege),
            KubernetesTarget.Binding("RoleBinding", name, "Role", other, KubernetesTarget.Subject(_account))
        );

        await GiveAsync(2);
        Assert.That(await _target.HasAsync(_account, _privilege), Is.True);
        Assert.That(JsonNode.DeepEquals((await OwnAsync())["roleRef"], own["roleRef"]), Is.True);
    }

    [Test]
    public async Task Should_undo_what_others_did_to_its_binding()
    {
        await GiveAsync(1);
        var own = await OwnAsync();
        own["subjects"]!.AsArray().Add(KubernetesTarget.Subject("intruder"));
        await _cluster.DoAsync("PUT", PathOf((string)own["metadata"]!["name"]!), own);
        await GiveAsync(1);
        Assert.That((await OwnAsync())["subjects"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_clear_away_what_kept_older_attempts_out_for_a_day_and_nothing_else()
    {
        await GiveAsync(1);
        await TakeAsync(2);
        var again = (await _target.CreateAccountAsync("again"))!;
        await GiveAsync(1, again);
        await TakeAsync(2, again);
        await GiveAsync(3, again);

        _cluster.Server.ClockOffset = TimeSpan.FromHours(23);
        var fresh = (await _target.CreateAccountAsync("fresh"))!;
        await using (var connector = Connect(_target.ConnectionString))
        {
            await connector.ApplyAsync(Desired(2, fresh) with { Leases = [] }, In(5), CancellationToken.None);
        }

        Assert.That(await CountAsync(), Is.EqualTo(3), "Nothing is a day old.");

        _cluster.Server.ClockOffset = TimeSpan.FromHours(25);
        await using (var connector = Connect(_target.ConnectionString))
        {
            await connector.ApplyAsync(Desired(2, fresh) with { Leases = [] }, In(5), CancellationToken.None);
        }

        Assert.That(await CountAsync(), Is.EqualTo(2), "One was a day old.");
        Assert.That(await _target.HasAsync(again, _privilege), Is.True);
    }

    [Test]
    public async Task Should_count_a_binding_whose_role_is_gone_since_it_would_come_to_life_again()
    {
        await GiveAsync(1);
        await _target.DropPrivilegeAsync(_privilege);
        Assert.That((await ReadAsync()).Direct, Is.True);
        await TakeAsync(2);
        Assert.That((await ReadAsync()).Direct, Is.False);
    }

    [TestCase("system:serviceaccounts")]
    [TestCase("system:serviceaccounts:NAMESPACE")]
    [TestCase("system:authenticated")]
    public async Task Should_name_the_group_by_which_it_is_effective(string name)
    {
        var group = name.Replace("NAMESPACE", _target.Namespace, StringComparison.Ordinal);
        var (_, kind, role) = KubernetesTarget.Parts(_privilege);
        await _cluster.DoAsync(
            "POST",
            KubernetesTarget.CollectionOf(_privilege),
            KubernetesTarget.Binding("RoleBinding", "for-many", kind, role, KubernetesTarget.Group(group), KubernetesTarget.Group("others"))
        );
        var observed = await ReadAsync();
        Assert.That((observed.Direct, observed.Effective, observed.Marker), Is.EqualTo((false, true, (string?)null)));
        Assert.That(observed.Paths, Is.EqualTo(new[] { $"rolebinding/for-many to group {group}" }));
        Assert.That(await AllowsAsync(_account), Is.True);
    }

    [Test]
    public async Task Should_name_what_gives_it_everywhere()
    {
        var (_, _, role) = KubernetesTarget.Parts(await PrivilegeAsync("ClusterRole"));
        _privilege = $"{_target.Namespace}/clusterrole/{role}";
        await _target.GiveAsync(_account, $"clusterrole/{role}", []);
        await _target.GiveAsync(_account, "clusterrole/cluster-admin", []);
        await _target.GiveAsync(_account, $"{_target.Namespace}/clusterrole/cluster-admin", []);
        await _target.GiveAsync("somebody else", "clusterrole/cluster-admin", []);
        var observed = await ReadAsync();
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        Assert.That(observed.Paths, Has.Count.EqualTo(3));
        Assert.That(observed.Paths.Count(path => path.EndsWith("for cluster-admin", StringComparison.Ordinal)), Is.EqualTo(2));

        await TakeAsync(2);
        Assert.That(await _target.HasAsync(_account, $"clusterrole/{role}"), Is.True, "Another privilege.");
    }

    [Test]
    public async Task Should_read_and_take_away_beyond_the_first_page()
    {
        await FillAsync(620);
        var last = await _target.GiveAsync(_account, _privilege, []);
        await _cluster.DoAsync("DELETE", PathOf(last));
        var (_, kind, role) = KubernetesTarget.Parts(_privilege);
        await _cluster.DoAsync(
            "POST",
            KubernetesTarget.CollectionOf(_privilege),
            KubernetesTarget.Binding("RoleBinding", "zzz", kind, role, KubernetesTarget.Subject(_account))
        );
        Assert.That((await ReadAsync()).Direct, Is.True);
        await TakeAsync(2);
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_go_on_listing_when_the_server_has_forgotten_how_it_began()
    {
        await FillAsync(620);
        var first = await _connector.ListAsync(null, CancellationToken.None);
        Assert.That(first.Items, Has.Count.EqualTo(500));
        _cluster.Server.Compact();

        var found = new List<ListedHolding>(first.Items);
        for (var token = first.NextPageToken; token is not null; )
        {
            var page = await _connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
        }

        Assert.That(found.Where(item => item.Account.StartsWith("user-", StringComparison.Ordinal)), Has.Exactly(620).Items);
        Assert.That(found.Select(item => (item.Account, item.Privilege)), Is.Unique);
    }

    [Test]
    public async Task Should_list_accounts_in_one_item_for_each_privilege_and_no_groups()
    {
        var first = await _target.GiveAsync(_account, _privilege, [KubernetesTarget.Group("auditors")]);
        var second = await _target.GiveAsync(_account, _privilege, []);
        var found = (await ListAsync()).Where(item => item.Privilege == _privilege).ToList();
        Assert.That(found, Has.Count.EqualTo(1));
        Assert.That(found[0].Account, Is.EqualTo(_account));
        Assert.That(found[0].Marker!.Split(", "), Is.EquivalentTo(new[] { "rolebinding/" + first, "rolebinding/" + second }));
    }

    [Test]
    public void Should_refuse_a_page_token_whose_place_the_server_does_not_know() =>
        Assert.That(
            () => _connector.ListAsync("eyJjbHVzdGVyV2lkZSI6ZmFsc2UsImNvbnRpbnVlIjoibm9uc2Vuc2UifQ", CancellationToken.None),
            Throws.ArgumentException
        );

    [Test]
    public async Task Should_say_refused_when_it_may_not_bind_the_role_and_still_take_away()
    {
        await GiveAsync(1);
        await using var limited = Connect(await LimitedAsync(bind: false));
        var other = (await _target.CreateAccountAsync("other"))!;
        Assert.That(
            () => limited.ApplyAsync(Desired(1, other), In(5), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Refused).And.Property("MayHaveHappened").False
        );

        await limited.ApplyAsync(Desired(2) with { Leases = [] }, In(5), CancellationToken.None);
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
        await limited.ApplyAsync(Desired(2, other) with { Leases = [] }, In(5), CancellationToken.None);
    }

    [Test]
    public async Task Should_take_away_what_is_left_of_a_lost_role_although_it_may_not_bind()
    {
        await GiveAsync(1);
        await _target.DropPrivilegeAsync(_privilege);
        await using var limited = Connect(await LimitedAsync(bind: false));
        await limited.ApplyAsync(Desired(2) with { Leases = [] }, In(5), CancellationToken.None);
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_take_away_in_a_namespace_that_is_being_deleted()
    {
        // Nothing can be made there any more (NamespaceLifecycle), not even what keeps late requests out; everything can be taken away.
        await _target.GiveAsync(_account, _privilege, []);
        _target.Gateway.AnswerAlwaysInstead(
            "POST",
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return context.Response.WriteAsync(
                    """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"unable to create new content in namespace x because it is being terminated","details":{"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace"}]}}"""
                );
            }
        );
        await TakeAsync(3);
        Assert.That(_target.Gateway.Struck, Is.GreaterThan(0));
        Assert.That((await ReadAsync()).Direct, Is.False);
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_say_what_it_could_not_take_away()
    {
        var token = await _target.CreateLimitedAsync(["get", "list", "create"], bind: true);
        await using var limited = Connect(_target.ConnectionStringWith(token));
        var preflight = await limited.PreflightAsync([new(_account, _privilege)], CancellationToken.None);
        Assert.That(
            preflight.Places,
            Has.One.Matches<PlaceObstacle>(one => one!.Reason.Contains("needs the verb update", StringComparison.Ordinal))
        );
        Assert.That((await _connector.PreflightAsync([new(_account, _privilege)], CancellationToken.None)).Places, Is.Empty);
    }

    [Test]
    public async Task Should_know_a_cluster_by_its_first_namespace()
    {
        var space = await _cluster.DoAsync("GET", "/api/v1/namespaces/kube-system");
        var uid = (string)space["metadata"]!["uid"]!;
        Assert.That((await ReadAsync()).Identity, Is.EqualTo("kubernetes:" + uid));
        Assert.That((await _connector.PreflightAsync([], CancellationToken.None)).Identity, Is.EqualTo("kubernetes:" + uid));
    }

    [Test]
    public async Task Should_show_what_it_may_not_take_away()
    {
        var binding = await _target.GiveAsync(_account, _privilege, []);
        await using var limited = Connect(await LimitedAsync(bind: false));
        await limited.ApplyAsync(Desired(2) with { Leases = [] }, In(5), CancellationToken.None);
        var observed = await limited.ReadAsync(_account, _privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Marker), Is.EqualTo((true, "rolebinding/" + binding)));
    }

    [TestCase("system:serviceaccount:team:")]
    [TestCase("system:serviceaccount::name")]
    [TestCase("system:serviceaccount:team:name:more")]
    [TestCase("system:serviceaccount:Team:name")]
    [TestCase("system:serviceaccount:team/../kube-system:name")]
    [TestCase("system:serviceaccount:team:na_me")]
    [TestCase("tab\tname")]
    public void Should_refuse_names_that_no_account_has(string account) =>
        Assert.That(() => GiveAsync(1, account), Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("unknown-account"));

    [TestCase("role/view")]
    [TestCase("view")]
    [TestCase("clusterrole/")]
    [TestCase("clusterrole/..")]
    [TestCase("clusterrole/a%2Fb")]
    [TestCase("Team/role/view")]
    [TestCase("../role/view")]
    [TestCase("team/Role/view")]
    [TestCase("team/role/view/status")]
    [TestCase("/role/view")]
    public void Should_refuse_names_that_no_privilege_has(string privilege)
    {
        _privilege = privilege;
        Assert.That(() => GiveAsync(1), Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("unknown-privilege"));
    }

    [Test]
    public async Task Should_read_the_token_again_when_its_file_was_replaced()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "an-old-token");
            await using var connector = Connect(
                $"Server={_target.Gateway.Address};CertificateAuthority={_target.AuthorityFile};TokenFile={file}"
            );
            Assert.That(
                () => connector.ReadAsync(_account, _privilege, CancellationToken.None),
                Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Refused)
            );
            await File.WriteAllTextAsync(file, _target.Secrets[0] + "\n");
            Assert.That((await connector.ReadAsync(_account, _privilege, CancellationToken.None)).Direct, Is.False);
            await File.WriteAllTextAsync(file, "two\nlines");
            Assert.That(
                () => connector.ApplyAsync(Desired(1), In(5), CancellationToken.None),
                Throws
                    .TypeOf<ConnectorException>()
                    .With.Property("Code")
                    .EqualTo(ConnectorErrors.Refused)
                    .And.Property("MayHaveHappened")
                    .False.And.Message.Not.Contain("two")
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase(503, "unreachable", true, true)]
    [TestCase(500, "error", true, true)]
    [TestCase(504, "timeout", true, false)]
    [TestCase(422, "refused", false, false)]
    [TestCase(403, "refused", false, false)]
    [TestCase(307, "error", true, false)]
    public async Task Should_tell_what_an_answer_means_and_nothing_of_its_text(
        int status,
        string code,
        bool mayHaveHappened,
        bool transient
    )
    {
        _target.Gateway.AnswerInstead(
            "POST",
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = _cluster.Address.ToString();
                return context.Response.WriteAsync(
                    """{"kind":"Status","reason":"Whatever","message":"failed calling webhook: Post https://10.0.0.1:443/x: secret"}"""
                );
            }
        );
        var failure = (await Assert.ThrowsAsync<ConnectorException>(() => GiveAsync(1)))!;
        Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo((code, mayHaveHappened, transient)));
        Assert.That(failure.ToString(), Does.Not.Contain("10.0.0.1").And.Not.Contain("secret").And.Contain("Whatever"));
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_wait_as_long_as_it_was_asked_to()
    {
        _target.Gateway.AnswerInstead("POST", context => LimitAsync(context, "1"));
        var started = TimeProvider.System.GetTimestamp();
        await GiveAsync(1);
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromMilliseconds(950)));
        Assert.That(await _target.HasAsync(_account, _privilege), Is.True);
    }

    [Test]
    public async Task Should_send_nothing_for_as_long_as_it_was_asked_to()
    {
        _target.Gateway.AnswerInstead("POST", context => LimitAsync(context, "120"));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var failure = (await Assert.ThrowsAsync<ConnectorException>(() => GiveAsync(1)))!;
            Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo((ConnectorErrors.Error, false, false)));
        }

        var passed = _target.Gateway.Passed;
        Assert.That(ReadAsync, Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Error));
        Assert.That(_target.Gateway.Passed, Is.EqualTo(passed));
        Assert.That(await _target.HasAsync(_account, _privilege), Is.False);
    }

    [Test]
    public async Task Should_say_that_it_is_limited_when_that_does_not_end()
    {
        _target.Gateway.AnswerAlwaysInstead("POST", context => LimitAsync(context, "0"));
        var failure = (await Assert.ThrowsAsync<ConnectorException>(() => GiveAsync(1)))!;
        Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo((ConnectorErrors.Error, false, false)));
        Assert.That(failure.Message, Does.Contain("429"));
        Assert.That(_target.Gateway.Struck, Is.EqualTo(3));
    }

    [TestCase("not json")]
    [TestCase("[]")]
    [TestCase("""{"kind":"RoleBindingList","items":[],"items":[]}""")]
    public void Should_not_take_an_answer_that_cannot_be_read_for_one(string answer)
    {
        _target.Gateway.AnswerInstead("GET", context => context.Response.WriteAsync(answer));
        Assert.That(ReadAsync, Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Error));
    }

    [TestCase(
        """{"items":[7,null,{"metadata":3,"roleRef":[],"subjects":{"a":1}},{"metadata":{"name":5},"subjects":[null,"x",{"kind":7}]}]}"""
    )]
    [TestCase("""{"items":"none","metadata":"none"}""")]
    public async Task Should_bear_nonsense_where_bindings_should_be(string answer)
    {
        _target.Gateway.AnswerInstead("GET", context => context.Response.WriteAsync(answer));
        Assert.That((await ReadAsync()).Direct, Is.False);
        _target.Gateway.AnswerInstead("GET", context => context.Response.WriteAsync(answer));
        Assert.That((await _connector.ListAsync(null, CancellationToken.None)).Items, Is.Empty);
    }

    [Test]
    public async Task Should_send_no_token_to_a_server_with_another_name_or_another_authority()
    {
        await using var other = await StandInCluster.StartAsync();
        var elsewhere = $"Server={other.Address};CertificateAuthority={_target.AuthorityFile};Token=t";
        // The certificate is for the address, not for this name of it.
        var renamed = $"Server=https://localhost:{_target.Gateway.Address.Port};CertificateAuthority={_target.AuthorityFile};Token=t";
        foreach (var connectionString in new[] { elsewhere, renamed, $"Server={_target.Gateway.Address};Token=t" })
        {
            await using var connector = Connect(connectionString);
            Assert.That(
                () => connector.ReadAsync(_account, _privilege, CancellationToken.None),
                Throws
                    .TypeOf<ConnectorException>()
                    .With.Property("Code")
                    .EqualTo(ConnectorErrors.Unreachable)
                    .And.Property("IsTransient")
                    .False.And.Message.Contains("certificate")
            );
        }
    }

    private static Task LimitAsync(HttpContext context, string retryAfter)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsync("""{"kind":"Status","reason":"TooManyRequests"}""");
    }

    private static AttemptDeadline In(double seconds) => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(seconds));

    private static KubernetesConnector Connect(string connectionString) =>
        new(
            new ConnectorSettings
            {
                Target = "the-cluster",
                ConnectionString = connectionString,
                Concurrency = 4,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
            TimeProvider.System,
            NullLogger<KubernetesConnector>.Instance
        );

    private DesiredHolding Desired(long revision, string? account = null) =>
        new()
        {
            Holder = Holder,
            Account = account ?? _account,
            Privilege = _privilege,
            Revision = revision,
            Leases = [new Lease(Holder, Moments.Now(TimeProvider.System).AddHours(1))],
        };

    private Task<ApplyResult> GiveAsync(long revision, string? account = null) =>
        _connector.ApplyAsync(Desired(revision, account), In(20), CancellationToken.None);

    private Task<ApplyResult> TakeAsync(long revision, string? account = null) =>
        _connector.ApplyAsync(Desired(revision, account) with { Leases = [] }, In(20), CancellationToken.None);

    private Task<ObservedHolding> ReadAsync() => _connector.ReadAsync(_account, _privilege, CancellationToken.None);

    private async Task<List<ListedHolding>> ListAsync()
    {
        var found = new List<ListedHolding>();
        string? token = null;
        do
        {
            var page = await _connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
        } while (token is not null);

        return found;
    }

    private async Task<string> PrivilegeAsync(string kind)
    {
        while (true)
        {
            var privilege = (await _target.CreatePrivilegeAsync("readonly"))!;
            if (KubernetesTarget.Parts(privilege).Kind == kind)
            {
                return privilege;
            }
        }
    }

    private Task<bool> AllowsAsync(string account) =>
        _target.AllowsAsync(account, "get", "", "configmaps", KubernetesTarget.Parts(_privilege).Name);

    private async Task<string> LimitedAsync(bool bind) =>
        _target.ConnectionStringWith(await _target.CreateLimitedAsync(["get", "list", "create", "update", "delete"], bind));

    private async Task FillAsync(int count)
    {
        var (_, kind, role) = KubernetesTarget.Parts(_privilege);
        for (var i = 0; i < count; i++)
        {
            await _cluster.DoAsync(
                "POST",
                KubernetesTarget.CollectionOf(_privilege),
                KubernetesTarget.Binding("RoleBinding", "fill-" + i, kind, role, KubernetesTarget.Subject("user-" + i))
            );
        }
    }

    private Task<JsonObject> GetAsync(string name) => _cluster.DoAsync("GET", PathOf(name));

    private string PathOf(string name) => $"{KubernetesTarget.CollectionOf(_privilege)}/{name}";

    private async Task<JsonObject> OwnAsync()
    {
        var all = await _target.AllAsync(KubernetesTarget.CollectionOf(_privilege));
        var own = all.Single(binding => (string?)binding["metadata"]!["labels"]?["governance/holder"] == Holder.ToString());
        return await GetAsync((string)own["metadata"]!["name"]!);
    }

    private async Task<int> CountAsync() =>
        (await _target.AllAsync(KubernetesTarget.CollectionOf(_privilege))).Count(binding =>
            binding["metadata"]!["labels"]?["governance/holder"] is not null
        );
}
