using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Contracts.Lifecycle;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Governance.Issuance.Tests;

/// <summary>A user of the broker for each grant; its password is for one recipient.</summary>
public sealed class When_a_credential_is_made : IssuanceFixture
{
    private readonly CredentialRecipient _recipient = new();
    private readonly string _administrator = "suite_" + RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly Guid _grant = Guid.CreateVersion7();
    private readonly DateTimeOffset _until = Moments.Now(TimeProvider.System).AddHours(1);
    private TargetBinding _binding = null!;

    private static ManagementApi Broker => SuiteServers.Current.Management;

    private RecipientKey Key => _recipient.Jwk.Deserialize<RecipientKey>(WireJson.Options)!;

    [SetUp]
    public async Task AddBrokerAsync()
    {
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await Broker.CreateUserAsync(_administrator, password, "administrator");
        AddTarget(
            "jobs",
            $"Url={Broker.Address};AllowHttp=true;Username={_administrator};Password={password}",
            attemptTimeout: "00:00:15",
            kind: TargetKinds.RabbitMqUser
        );
        _binding = new()
        {
            Target = "jobs",
            Account = "svc_" + RandomNumberGenerator.GetHexString(6, lowercase: true),
            Privilege = new Uri(BusUrl).AbsolutePath[1..] + "?read=inbox",
        };
    }

    [TearDown]
    public async Task RemoveBrokerAsync()
    {
        foreach (var user in (await Broker.ListUsersAsync()).Where(u => u.Name.EndsWith("." + _binding.Account, StringComparison.Ordinal)))
        {
            await Broker.DeleteUserAsync(user.Name);
        }

        await Broker.DeleteUserAsync(_administrator);
    }

    [OneTimeTearDown]
    public void Forget() => _recipient.Dispose();

    [Test]
    public async Task Should_be_readable_by_its_recipient_and_there_once()
    {
        var address = Address(await StartReplicaAsync());
        await AskAsync(1, number: 1);
        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
        using var http = Client(address);
        Assert.That(await ReadyAsync(http), Is.EqualTo(1));
        Assert.That((await TakeAsync(http, 2)).Status, Is.EqualTo(HttpStatusCode.Gone), "there is no such number");

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TakeAsync(http, 1)));

        var credential = _recipient.Open(answers.Single(a => a.Status == HttpStatusCode.OK).Sealed!);
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Gone), Is.EqualTo(4));
        Assert.That(
            ((Guid)credential["grant"]!, (int)credential["number"]!, (string?)credential["target"]),
            Is.EqualTo((_grant, 1, "jobs"))
        );
        Assert.That(await LogsInAsync(credential), Is.True);
        Assert.That(await ReadyAsync(http), Is.Null);
        Assert.That(await ReadAsync<bool>("select sealed is null and taken_at is not null from issuance.credentials"), Is.True);
    }

    [Test]
    public async Task Should_stay_the_same_when_only_the_end_changes()
    {
        var address = Address(await StartReplicaAsync());
        using var http = Client(address);
        await AskAsync(1, number: 1);
        await Lifecycle.AnswerAsync(1);
        var credential = _recipient.Open((await TakeAsync(http, 1)).Sealed!);

        await AskAsync(2, number: 1, _until.AddHours(-0.5));
        await Lifecycle.AnswerAsync(2);

        Assert.That(await ReadyAsync(http), Is.Null, "none is made anew");
        Assert.That(await LogsInAsync(credential), Is.True);
    }

    [Test]
    public async Task Should_open_nothing_any_more_when_another_was_asked_for()
    {
        var address = Address(await StartReplicaAsync());
        using var http = Client(address);
        await AskAsync(1, number: 1);
        await Lifecycle.AnswerAsync(1);
        var first = _recipient.Open((await TakeAsync(http, 1)).Sealed!);

        await AskAsync(2, number: 2);
        await Lifecycle.AnswerAsync(2);

        var second = _recipient.Open((await TakeAsync(http, 2)).Sealed!);
        Assert.That(await LogsInAsync(second), Is.True);
        Assert.That(await LogsInAsync(first), Is.False);
    }

    [Test]
    public async Task Should_be_gone_with_the_access()
    {
        var address = Address(await StartReplicaAsync());
        using var http = Client(address);
        await AskAsync(1, number: 1);
        await Lifecycle.AnswerAsync(1);

        await Lifecycle.AskAsync(Command(2, []));
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);

        Assert.That(await ReadyAsync(http), Is.Null);
        Assert.That(await ReadAsync<long>("select count(*) from issuance.credentials"), Is.Zero);
    }

    [Test]
    public async Task Should_not_be_made_for_a_grant_that_is_over_while_another_lasts()
    {
        Set("Issuance:EndAfterLastLease", "00:00:01");
        await StartReplicaAsync();
        var over = new Lease(Guid.CreateVersion7(), Moments.Now(TimeProvider.System).AddMinutes(-5)) { Credential = new(1, Key) };

        await Lifecycle.AskAsync(Command(1, [over, new Lease(_grant, _until) { Credential = new(1, Key) }]));

        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
        Assert.That(
            (await Broker.ListUsersAsync()).Count(u => u.Name.EndsWith("." + _binding.Account, StringComparison.Ordinal)),
            Is.EqualTo(1)
        );
        Assert.That(await ReadAsync<long>("select count(*) from issuance.credentials"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_fail_loudly_when_nobody_gave_a_key()
    {
        await StartReplicaAsync();

        await Lifecycle.AskAsync(Command(1, [new Lease(_grant, _until)]));

        var failure = await Lifecycle.FailureAsync(1);
        Assert.That(
            (failure.Code, failure.Message.Contains(_grant.ToString(), StringComparison.Ordinal)),
            Is.EqualTo(("no-recipient-key", true))
        );
        Assert.That((await Broker.ListUsersAsync()).Any(u => u.Name.EndsWith("." + _binding.Account, StringComparison.Ordinal)), Is.False);
    }

    /// <summary>Made at the target, and the process dies before it is kept: nobody has seen it, so the next attempt makes another.</summary>
    [Test]
    public async Task Should_be_made_again_when_the_process_died_before_it_was_kept()
    {
        var marker = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TargetDatabase.Unique("crash")}.marker");
        await using (var dying = ServiceProcess.Start(Settings, "issuance.attempt.after-apply", marker))
        {
            await Eventually.Until(
                async () =>
                {
                    await AskAsync(1, number: 1);
                    return true;
                },
                TimeSpan.FromSeconds(30),
                () => dying.Output
            );
            await dying.ExitAsync();
        }

        File.Delete(marker);

        Assert.That(await ReadAsync<long>("select count(*) from issuance.credentials"), Is.Zero);
        using var http = Client(Address(await StartReplicaAsync()));

        await Lifecycle.AnswerAsync(1, timeout: TimeSpan.FromSeconds(60));

        Assert.That(await LogsInAsync(_recipient.Open((await TakeAsync(http, 1)).Sealed!)), Is.True);
        Assert.That(
            (await Broker.ListUsersAsync()).Count(u => u.Name.EndsWith("." + _binding.Account, StringComparison.Ordinal)),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Should_hand_it_to_nobody_but_Lifecycle()
    {
        var address = Address(await StartReplicaAsync());
        await AskAsync(1, number: 1);
        await Lifecycle.AnswerAsync(1);
        using var lifecycle = Client(address);
        await Eventually.Until(() => ReadyAsync(lifecycle), Is.EqualTo(1));

        foreach (var secret in new[] { "", "x", LifecycleSecret + "x", LifecycleSecret[..^1], LifecycleSecret.ToUpperInvariant() })
        {
            using var stranger = secret.Length == 0 ? new HttpClient { BaseAddress = address } : Client(address, secret);
            using var ready = await stranger.GetAsync(new Uri($"/v1/credentials/{_grant}", UriKind.Relative));
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), secret);
            Assert.That(await CodeAsync(ready), Is.EqualTo("unauthenticated"));
            using var refused = await stranger.PostAsJsonAsync($"/v1/credentials/{_grant}/take", new { number = 1 });
            Assert.That(await CodeAsync(refused), Is.EqualTo("unauthenticated"));
            Assert.That((await TakeAsync(stranger, 1)).Status, Is.EqualTo(HttpStatusCode.Unauthorized), secret);
        }

        var taken = await TakeAsync(lifecycle, 1);
        Assert.That((taken.Status, taken.Sealed is { Length: > 0 }), Is.EqualTo((HttpStatusCode.OK, true)), "nothing was taken before");
        using var again = await lifecycle.PostAsJsonAsync($"/v1/credentials/{_grant}/take", new { number = 1 });
        Assert.That((again.StatusCode, await CodeAsync(again)), Is.EqualTo((HttpStatusCode.Gone, "credential-gone")));
        using var none = await lifecycle.GetAsync(new Uri($"/v1/credentials/{Guid.NewGuid()}", UriKind.Relative));
        Assert.That((none.StatusCode, await CodeAsync(none)), Is.EqualTo((HttpStatusCode.NotFound, "no-credential")));
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"];

    private static Uri Address(WebApplication replica) =>
        new(replica.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private Task AskAsync(long revision, int number, DateTimeOffset? until = null) =>
        Lifecycle.AskAsync(Command(revision, [new Lease(_grant, until ?? _until) { Credential = new(number, Key) }]));

    private ReconcileHolding Command(long revision, IReadOnlyList<Lease> leases) =>
        Issuance.Tests.Lifecycle.Command(_binding, revision, leases: 0) with
        {
            Leases = leases,
        };

    private static HttpClient Client(Uri address, string secret = LifecycleSecret) =>
        new() { BaseAddress = address, DefaultRequestHeaders = { Authorization = new("Bearer", secret) } };

    private async Task<int?> ReadyAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri($"/v1/credentials/{_grant}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : (int)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["number"]!;
    }

    private async Task<(HttpStatusCode Status, string? Sealed)> TakeAsync(HttpClient http, int number)
    {
        using var answer = await http.PostAsJsonAsync($"/v1/credentials/{_grant}/take", new { number });
        return (
            answer.StatusCode,
            answer.StatusCode == HttpStatusCode.OK ? (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["credential"] : null
        );
    }

    /// <summary>Over AMQP, as whoever received it would.</summary>
    private async Task<bool> LogsInAsync(JsonNode credential)
    {
        var factory = new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = new Uri(BusUrl).Port,
            UserName = (string)credential["username"]!,
            Password = (string)credential["password"]!,
            VirtualHost = (string)credential["vhost"]!,
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync();
            return connection.IsOpen;
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException)
        {
            return false;
        }
    }
}
