using Governance.Contracts.Lifecycle;
using Governance.Targets.Scim;
using Governance.Testing;

namespace Governance.Issuance.Tests;

/// <summary>Where nothing can be kept at the target, the row keeps whom it was given to.</summary>
public sealed class When_a_user_is_renamed_at_the_target : IssuanceFixture
{
    private const string Remembered = "select remembered from issuance.holdings";

    private static readonly TargetBinding Binding = new()
    {
        Target = "directory",
        Account = "svc_reporting",
        Privilege = "readers",
    };

    private ScimServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ScimServer.StartAsync();
        _server.CreateUser(Binding.Account);
        _server.CreateGroup(Binding.Privilege);
        AddTarget(Binding.Target, $"Url={_server.Url};AllowHttp=true;Token={ScimServer.Token}", kind: "scim");
    }

    [TearDown]
    public async Task StopServerAsync()
    {
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }

    [Test]
    public async Task Should_take_it_away_in_another_process_than_gave_it()
    {
        string? before = null;
        _server.BeforePatch = async () => before ??= await ReadAsync<string>(Remembered);
        var first = await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 1, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
        Assert.That(before, Is.Not.Null.And.EqualTo(await ReadAsync<string>(Remembered)), "before anything was given");
        await first.StopAsync();
        _server.RenameUser(Binding.Account, "renamed");
        _server.CreateUser(Binding.Account);

        await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 2, leases: 0);
        var gone = await Lifecycle.AnswerAsync(2);
        Assert.That((gone.Direct, gone.Effective), Is.EqualTo((false, false)));
        Assert.That(_server.MembersOf(Binding.Privilege), Is.Zero);

        await Lifecycle.AskAsync(Binding, revision: 3, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(3)).Direct, Is.True, "Given anew, the name is whoever bears it.");
        Assert.That((_server.IsMember(Binding.Account, Binding.Privilege), _server.MembersOf(Binding.Privilege)), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task Should_not_give_it_to_another_nor_forget_the_first()
    {
        await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 1, leases: 1);
        await Lifecycle.AnswerAsync(1);
        _server.RenameUser(Binding.Account, "renamed");
        _server.CreateUser(Binding.Account);

        await Lifecycle.AskAsync(Binding, revision: 2, leases: 2);
        Assert.That((await Lifecycle.FailureAsync(2)).Message, Does.Contain("which is called renamed now"));

        await Lifecycle.AskAsync(Binding, revision: 3, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(3)).Direct, Is.False);
        Assert.That(_server.MembersOf(Binding.Privilege), Is.Zero);
    }

    [Test]
    public async Task Should_give_nothing_that_it_could_not_remember()
    {
        var lost = false;
        string? owner = null;
        _server.Instead = async _ =>
        {
            // Another has the claim by the time that the change is about to be sent.
            lost =
                lost
                || await ReadAsync<long>(
                    """
                    with lost as (update issuance.holdings set claim_owner = 'aaaaaaaa-0000-4000-8000-000000000000'
                        where pre_existing is not null and remembered is null and claim_owner is not null returning 1)
                    select count(*) from lost
                    """
                ) == 1;
            return false;
        };
        _server.BeforePatch = async () => owner ??= await ReadAsync<string>("select claim_owner::text from issuance.holdings");
        await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 1, leases: 1);

        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True, "in the next attempt, after the hard end of the first");
        Assert.That(lost, Is.True);
        Assert.That(owner, Is.Not.Null.And.Not.StartsWith("aaaaaaaa"));
        Assert.That(_server.Changes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_empty_the_old_place_whoever_is_called_so_now()
    {
        await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 1, leases: 1);
        await Lifecycle.AnswerAsync(1);
        _server.RenameUser(Binding.Account, "renamed");
        _server.CreateUser(Binding.Account);
        _server.CreateGroup("writers");

        await Lifecycle.AskAsync(Binding with { Privilege = "writers" }, revision: 2, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.True);
        Assert.That((_server.MembersOf("readers"), _server.IsMember(Binding.Account, "writers")), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task Should_remember_what_a_version_before_gave_once_it_is_read_again()
    {
        Set("Issuance:ReadAgainAfter", "00:00:01");
        await StartReplicaAsync();
        await Lifecycle.AskAsync(Binding, revision: 1, leases: 1);
        await Lifecycle.AnswerAsync(1);
        var remembered = await ReadAsync<string>(Remembered);
        await ExecuteAsync("update issuance.holdings set remembered = null");

        await Eventually.Until(() => ReadAsync<object>(Remembered), Is.EqualTo(remembered));
        _server.RenameUser(Binding.Account, "renamed");
        await Lifecycle.AskAsync(Binding, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(_server.MembersOf(Binding.Privilege), Is.Zero);
    }
}
