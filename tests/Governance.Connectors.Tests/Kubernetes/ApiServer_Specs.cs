using System.Net;
using System.Text.Json.Nodes;
using Governance.Targets.Kubernetes;
using Governance.Targets.Kubernetes.Server;
using Governance.Testing;

namespace Governance.Connectors.Tests.Kubernetes;

/// <summary>What the connector relies on, and what the stand-in therefore has to do as a real server does.</summary>
public abstract class ApiServer_Specs
{
    private const string Strict = "?fieldValidation=Strict";

    private KubernetesCluster _cluster = null!;
    private KubernetesTarget _target = null!;

    protected abstract Task<KubernetesCluster> StartClusterAsync();

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _cluster = await StartClusterAsync();
        _target = await KubernetesTarget.CreateAsync(_cluster, ownsCluster: true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_target is not null)
        {
            await _target.DisposeAsync();
        }
    }

    private string Bindings => $"{KubernetesCluster.Rbac}namespaces/{_target.Namespace}/rolebindings";

    [Test]
    public async Task Should_take_an_update_only_of_the_version_that_was_seen()
    {
        var seen = await CreateAsync("seen");
        var path = $"{Bindings}/seen";
        await _cluster.DoAsync("PUT", path, With(seen, "a"));
        Assert.That((await _cluster.SendAsync("PUT", path, With(seen, "b"))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(NameOfSubject(await _cluster.DoAsync("GET", path)), Is.EqualTo("a"));
    }

    [Test]
    public async Task Should_not_create_by_an_update_of_what_was_deleted()
    {
        var gone = await CreateAsync("gone");
        var path = $"{Bindings}/gone";
        await _cluster.DoAsync("DELETE", path);
        Assert.That((await _cluster.SendAsync("PUT", path, With(gone, "a"))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await _cluster.SendAsync("GET", path)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        // Without a uid it would have been.
        Assert.That((await _cluster.SendAsync("PUT", path, Binding("gone"))).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task Should_not_write_when_nothing_changes()
    {
        var same = await CreateAsync("same");
        var again = await _cluster.DoAsync("PUT", $"{Bindings}/same", same.DeepClone());
        Assert.That(Version(again), Is.EqualTo(Version(same)));
    }

    [Test]
    public async Task Should_create_a_name_once()
    {
        await CreateAsync("once");
        var (status, answer) = await _cluster.SendAsync("POST", Bindings, Binding("once"));
        Assert.That((status, (string?)answer["reason"]), Is.EqualTo((HttpStatusCode.Conflict, "AlreadyExists")));
    }

    [Test]
    public async Task Should_let_nobody_change_the_role_of_a_binding()
    {
        var fixedRole = await CreateAsync("fixed");
        fixedRole["roleRef"]!["name"] = "another";
        Assert.That(
            (await _cluster.SendAsync("PUT", $"{Bindings}/fixed", fixedRole)).Status,
            Is.EqualTo(HttpStatusCode.UnprocessableEntity)
        );
    }

    [Test]
    public async Task Should_delete_only_what_was_meant()
    {
        var old = await CreateAsync("meant");
        var path = $"{Bindings}/meant";
        var now = await _cluster.DoAsync("PUT", path, With(old, "a"));
        Assert.That((await _cluster.SendAsync("DELETE", path, Only(old))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        var other = now.DeepClone().AsObject();
        other["metadata"]!["uid"] = Guid.NewGuid().ToString();
        Assert.That((await _cluster.SendAsync("DELETE", path, Only(other))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await _cluster.SendAsync("DELETE", path, Only(now))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_refuse_members_that_there_are_not()
    {
        foreach (var place in new[] { "", "metadata", "roleRef" })
        {
            var binding = Binding("unknown");
            (place.Length == 0 ? binding : binding[place]!.AsObject())["colour"] = "blue";
            var (status, _) = await _cluster.SendAsync("POST", Bindings + Strict, binding);
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), place);
        }
    }

    [TestCase("system:node")]
    [TestCase("Größe 1; --")]
    [TestCase("..-a")]
    public async Task Should_take_path_segments_as_names(string name)
    {
        await CreateAsync(name);
        Assert.That(NameOfSubject(await _cluster.DoAsync("GET", $"{Bindings}/{Uri.EscapeDataString(name)}")), Is.EqualTo("somebody"));
    }

    [TestCase("a/b")]
    [TestCase("a%b")]
    [TestCase("..")]
    [TestCase("")]
    public async Task Should_refuse_what_is_no_path_segment(string name) =>
        Assert.That((await _cluster.SendAsync("POST", Bindings, Binding(name))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));

    [TestCase("""{"kind":"ServiceAccount","name":"Upper","namespace":"default"}""")]
    [TestCase("""{"kind":"ServiceAccount","name":"a","namespace":"default","apiGroup":"rbac.authorization.k8s.io"}""")]
    [TestCase("""{"kind":"User","name":""}""")]
    [TestCase("""{"kind":"Robot","name":"r2"}""")]
    public async Task Should_refuse_what_is_no_subject(string subject)
    {
        var binding = Binding("subject");
        binding["subjects"] = new JsonArray(JsonNode.Parse(subject));
        Assert.That((await _cluster.SendAsync("POST", Bindings, binding)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task Should_know_no_namespace_that_was_not_created()
    {
        var path = $"{KubernetesCluster.Rbac}namespaces/nowhere-at-all/rolebindings";
        Assert.That((await _cluster.SendAsync("POST", path, Binding("x"))).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _cluster.DoAsync("GET", path))["items"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Should_take_a_role_that_does_not_exist_and_give_nothing_without_a_subject()
    {
        var binding = Binding("dangling");
        binding["roleRef"]!["name"] = "no-such-role";
        await _cluster.DoAsync("POST", Bindings, binding);

        var privilege = (await _target.CreatePrivilegeAsync("readonly"))!;
        while (KubernetesTarget.Parts(privilege).Kind != "Role")
        {
            privilege = (await _target.CreatePrivilegeAsync("readonly"))!;
        }

        var (_, _, role) = KubernetesTarget.Parts(privilege);
        var name = await _target.GiveAsync("somebody", privilege, []);
        await Eventually.Until(() => _target.AllowsAsync("somebody", "get", "", "configmaps", role));
        var given = await _cluster.DoAsync("GET", $"{Bindings}/{name}");
        given.Remove("subjects");
        await _cluster.DoAsync("PUT", $"{Bindings}/{name}", given);
        await Eventually.Until(async () => !await _target.AllowsAsync("somebody", "get", "", "configmaps", role));
    }

    [Test]
    public async Task Should_let_only_those_who_may_bind_write_a_binding_and_others_delete_it()
    {
        var token = await PowerlessAsync();
        var binding = await CreateAsync("of-others", "cluster-admin");
        var path = $"{Bindings}/of-others";
        Assert.That(
            (await _cluster.SendAsync("POST", Bindings, Binding("mine", "cluster-admin"), token)).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        var cleared = (await _cluster.DoAsync("PUT", path, With(binding, "a"))).DeepClone().AsObject();
        cleared.Remove("subjects");
        Assert.That((await _cluster.SendAsync("PUT", path, cleared, token)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await _cluster.SendAsync("DELETE", path, null, token)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_say_that_the_role_is_not_there_to_those_who_may_not_bind()
    {
        var token = await PowerlessAsync();
        var binding = await CreateAsync("of-a-lost-role", "lost-role");
        Assert.That(
            (await _cluster.SendAsync("PUT", $"{Bindings}/of-a-lost-role", With(binding, "a"), token)).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
    }

    [Test]
    public async Task Should_list_page_by_page_as_it_was_at_the_first()
    {
        for (var i = 0; i < 7; i++)
        {
            await CreateAsync("page-" + i);
        }

        List<string> names = [];
        var next = "";
        do
        {
            var page = await _cluster.DoAsync(
                "GET",
                $"{Bindings}?limit=3{(next.Length > 0 ? "&continue=" + Uri.EscapeDataString(next) : "")}"
            );
            var items = page["items"]!.AsArray();
            Assert.That(items, Has.Count.LessThanOrEqualTo(3));
            names.AddRange(items.Select(item => (string)item!["metadata"]!["name"]!));
            if (next.Length == 0)
            {
                await _cluster.DoAsync("DELETE", $"{Bindings}/page-6");
            }

            next = (string?)page["metadata"]!["continue"] ?? "";
        } while (next.Length > 0);

        Assert.That(names.Where(name => name.StartsWith("page-", StringComparison.Ordinal)), Has.Exactly(7).Items);
        Assert.That(names, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Unique);
        Assert.That(
            (await _cluster.SendAsync("GET", $"{Bindings}?limit=3&continue=nonsense")).Status,
            Is.EqualTo(HttpStatusCode.BadRequest)
        );
    }

    [Test]
    public async Task Should_select_by_label()
    {
        await CreateAsync("plain");
        var labelled = Binding("labelled");
        labelled["metadata"]!["labels"] = new JsonObject { ["governance/state"] = "ended" };
        await _cluster.DoAsync("POST", Bindings, labelled);
        var found = (await _cluster.DoAsync("GET", $"{Bindings}?labelSelector=governance%2Fstate%3Dended"))["items"]!.AsArray();
        Assert.That(found.Select(item => (string)item!["metadata"]!["name"]!), Is.EqualTo(new[] { "labelled" }));
    }

    [Test]
    public async Task Should_ask_who_it_is_and_understand_how_long()
    {
        Assert.That((await _cluster.SendAsync("GET", Bindings, null, "nobody")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await _cluster.SendAsync("GET", Bindings + "?timeout=soon")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await _cluster.SendAsync("GET", Bindings + "?timeout=1500ms")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private static JsonObject Binding(string name, string role = "view") =>
        KubernetesTarget.Binding("RoleBinding", name, "ClusterRole", role, KubernetesTarget.Subject("somebody"));

    private static JsonObject With(JsonObject binding, string user)
    {
        var next = binding.DeepClone().AsObject();
        next["subjects"] = new JsonArray(KubernetesTarget.Subject(user));
        return next;
    }

    private static JsonObject Only(JsonObject binding) =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = new JsonObject
            {
                ["uid"] = binding["metadata"]!["uid"]!.DeepClone(),
                ["resourceVersion"] = binding["metadata"]!["resourceVersion"]!.DeepClone(),
            },
        };

    private static string? Version(JsonObject binding) => (string?)binding["metadata"]!["resourceVersion"];

    private static string? NameOfSubject(JsonObject binding) => (string?)binding["subjects"]![0]!["name"];

    private Task<JsonObject> CreateAsync(string name, string role = "view") =>
        _cluster.DoAsync("POST", Bindings + Strict, Binding(name, role));

    private Task<string> PowerlessAsync() => _target.CreateLimitedAsync(["get", "list", "create", "update", "delete"], bind: false);
}

public sealed class StandInApiServer_Specs : ApiServer_Specs
{
    protected override async Task<KubernetesCluster> StartClusterAsync() => await StandInCluster.StartAsync();
}

/// <summary>The same against a real server, where there is one.</summary>
public sealed class RealApiServer_Specs : ApiServer_Specs
{
    protected override Task<KubernetesCluster> StartClusterAsync() => KubeconfigCluster.StartAsync();
}
