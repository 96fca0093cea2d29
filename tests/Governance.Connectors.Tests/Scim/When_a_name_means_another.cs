using Governance.Connectors.Scim;
using Governance.Targets.Scim;
using Microsoft.Extensions.Logging.Abstractions;
using static Governance.Connectors.Tests.Http.Harness;

namespace Governance.Connectors.Tests.Scim;

/// <summary>A user or a group has another name than when access was given, or a search does not find it: its id is the same.</summary>
public sealed class When_a_name_means_another
{
    private ScimServer _server = null!;
    private Memory _memory = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ScimServer.StartAsync();
        _server.CreateUser("exporter");
        _server.CreateUser("somebody else");
        _server.CreateGroup("readers");
        _memory = new Memory();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }

    [TestCase(true, "members")]
    [TestCase(false, "members")]
    [TestCase(true, "filter")]
    [TestCase(false, "filter")]
    public async Task Should_take_away_from_whoever_it_was_given_to_whatever_he_is_called_now(bool account, string membership)
    {
        _server.ReturnsMembers = membership == "members";
        _server.Join("somebody else", "readers");
        await using var connector = Connect("Membership=" + membership);
        await ApplyAsync(connector, wanted: true);
        var (user, group) = Rename(account);

        var observed = await ReadAsync(connector);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, true)));
        Assert.That(observed.Marker, Is.EqualTo($"renamed since: {user} in {group}"));

        await ApplyAsync(connector, wanted: false);
        Assert.That((_server.IsMember(user, group), _server.IsMember("somebody else", group)), Is.EqualTo((false, true)));
        observed = await ReadAsync(connector);
        Assert.That((observed.Direct, observed.Effective, observed.Marker), Is.EqualTo((false, false, (string?)null)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_believe_no_search_that_finds_nobody(bool remembers)
    {
        // Where nothing is remembered, nothing but the list of members can know better.
        _server.ReturnsMembers = !remembers;
        await using var connector = Connect(remembers ? "Membership=filter" : "");
        await ApplyAsync(connector, wanted: true);
        if (!remembers)
        {
            _memory = new Memory();
        }

        _server.LateSearches = 1;
        Assert.That((await ReadAsync(connector)).Direct, Is.True);
        _server.LateSearches = 1;
        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.IsMember("exporter", "readers"), Is.False);
        Assert.That(_server.LateSearches, Is.Zero);
    }

    [Test]
    public async Task Should_go_on_giving_to_a_user_that_a_search_does_not_find()
    {
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        _server.Leave("exporter", "readers");
        _server.LateSearches = 1;
        await ApplyAsync(connector, wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_give_nothing_to_whoever_bears_the_name_now(bool account)
    {
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        var (user, group) = Rename(account);

        var failure = await FailureOf(() => ApplyAsync(connector, wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo(("refused", false)), "nobody bears the name");
        _ = account ? _server.CreateUser("exporter") : _server.CreateGroup("readers");
        failure = await FailureOf(() => ApplyAsync(connector, wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo(("refused", false)));
        Assert.That(failure.Message, Does.Contain($"which is called {(account ? user : group)} now"));
        Assert.That((_server.IsMember("exporter", "readers"), _server.IsMember(user, group)), Is.EqualTo((false, true)));

        await ApplyAsync(connector, wanted: false);
        Assert.That((await ReadAsync(connector)).Direct, Is.False);
        Assert.That((_server.IsMember("exporter", "readers"), _server.IsMember(user, group)), Is.EqualTo((false, false)));
        _memory = new Memory();
        await ApplyAsync(connector, wanted: true);
        Assert.That(
            (_server.IsMember("exporter", "readers"), _server.IsMember(user, group)),
            Is.EqualTo((true, false)),
            "Given anew, the name is whoever bears it."
        );
    }

    [Test]
    public async Task Should_take_away_from_whoever_bears_the_name_now_as_well()
    {
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        _server.RenameUser("exporter", "exporter before");
        _server.CreateUser("exporter");
        _server.Join("exporter", "readers");

        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.MembersOf("readers"), Is.Zero);
        Assert.That((await ReadAsync(connector)).Direct, Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_give_again_to_one_that_was_deleted_and_made_anew(bool account)
    {
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        if (account)
        {
            _server.DeleteUser("exporter");
            _server.CreateUser("exporter");
        }
        else
        {
            _server.DeleteGroup("readers");
            _server.CreateGroup("readers");
        }

        Assert.That((await ReadAsync(connector)).Direct, Is.False);
        await ApplyAsync(connector, wanted: true);
        Assert.That(_server.IsMember("exporter", "readers"), Is.True);
        var (user, group) = Rename(account);
        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.IsMember(user, group), Is.False);
    }

    [Test]
    public async Task Should_remember_before_it_gives()
    {
        string? remembered = null;
        _server.BeforePatch = () =>
        {
            remembered = _memory.Text;
            return Task.CompletedTask;
        };
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        Assert.That(remembered, Is.Not.Null.And.EqualTo(_memory.Text));

        _memory = new Memory { Full = true };
        _server.Leave("exporter", "readers");
        Assert.That(() => ApplyAsync(connector, wanted: true), Throws.InvalidOperationException);
        Assert.That((_server.IsMember("exporter", "readers"), _server.Changes.Count), Is.EqualTo((false, 1)));
    }

    [Test]
    public async Task Should_have_remembered_what_a_version_before_gave()
    {
        _server.Join("exporter", "readers");
        await using var connector = Connect();
        _memory = new Memory((await ReadAsync(connector)).Remember);
        Assert.That(_memory.Text, Is.Not.Null);
        Assert.That((await ReadAsync(connector)).Remember, Is.Null, "it is remembered already");
        _server.RenameUser("exporter", "another name");

        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.MembersOf("readers"), Is.Zero);
    }

    [Test]
    public async Task Should_take_nothing_from_the_same_id_at_another_address_but_say_who_has_it()
    {
        await using var connector = Connect();
        await ApplyAsync(connector, wanted: true);
        _memory = new Memory(_memory.Text!.Replace("127.0.0.1", "scim.example", StringComparison.Ordinal));
        _server.RenameUser("exporter", "perhaps another");

        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.IsMember("perhaps another", "readers"), Is.True);
        var observed = await ReadAsync(connector);
        Assert.That(observed.Direct, Is.True);
        Assert.That(observed.Marker, Does.StartWith("given at another address").And.Contain("perhaps another"));

        _server.RenameUser("perhaps another", "exporter");
        await ApplyAsync(connector, wanted: false);
        Assert.That(_server.MembersOf("readers"), Is.Zero);
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("[{\"user\":\"1\"}]")]
    [TestCase("[null]")]
    public async Task Should_conclude_nothing_without_what_it_can_not_read(string remembered)
    {
        _memory = new Memory(remembered);
        await using var connector = Connect();
        Assert.That((await FailureOf(() => ReadAsync(connector))).Message, Does.Contain("issuance.holdings.remembered"));
        Assert.That((await FailureOf(() => ApplyAsync(connector, wanted: false))).Code, Is.EqualTo("error"));
    }

    private (string User, string Group) Rename(bool account)
    {
        if (account)
        {
            _server.RenameUser("exporter", "exporter two");
            return ("exporter two", "readers");
        }

        _server.RenameGroup("readers", "readers two");
        return ("exporter", "readers two");
    }

    private Task<ApplyResult> ApplyAsync(ScimConnector connector, bool wanted) =>
        connector.ApplyAsync(Desired("exporter", "readers", wanted) with { Memory = _memory }, Soon(), CancellationToken.None);

    private Task<ObservedHolding> ReadAsync(ScimConnector connector) =>
        connector.ReadAsync("exporter", "readers", _memory.Text, CancellationToken.None);

    private ScimConnector Connect(string more = "") =>
        new(
            Settings($"Url={_server.Url};AllowHttp=true;Token=\"{ScimServer.Token}\";{more}"),
            TimeProvider.System,
            NullLogger<ScimConnector>.Instance
        );

    private sealed class Memory(string? text = null) : HoldingMemory(text)
    {
        public bool Full { get; init; }

        protected override Task StoreAsync(string text, CancellationToken cancellationToken) =>
            Full ? throw new InvalidOperationException() : Task.CompletedTask;
    }
}
