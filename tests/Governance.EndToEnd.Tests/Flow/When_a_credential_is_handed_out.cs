using System.Net;
using System.Text;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using Npgsql;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

/// <summary>A login of its own for each grant, whose password only the recipient of the request ever reads.</summary>
public sealed class When_a_credential_is_handed_out
{
    private const string Security = "kim@example.com";
    private readonly CredentialRecipient _recipient = new();

    [OneTimeTearDown]
    public void Forget() => _recipient.Dispose();

    [Test]
    public async Task Should_open_its_login_as_long_as_the_access_lasts()
    {
        var request = await PublishAsync(Login(TimeSpan.FromMinutes(5)));
        await StateAsync(request, "active");
        var credential = await FetchAsync(request);
        await using var session = await credential.LogInAsync(Current.Target);
        Assert.That(await CountAsync(session!), Is.EqualTo(3L), "it may what its group may");

        var again = await Api.GetAsync($"/v1/grants/{request.GrantId}/credential", request.Principal.Owner);
        Assert.That((again.Status, again.Text("code")), Is.EqualTo((HttpStatusCode.Gone, "credential-gone")));
        var stranger = await Api.GetAsync($"/v1/grants/{request.GrantId}/credential", Security);
        Assert.That((stranger.Status, stranger.Text("code")), Is.EqualTo((HttpStatusCode.Forbidden, "not-the-holder")));

        IsOk(await Api.CommandAsync(request.GrantId, "revoke", Security), "revoking");
        await StateAsync(request, "ended");
        Assert.That(async () => await CountAsync(session!), Throws.InstanceOf<NpgsqlException>(), "its sessions end with it");
        Assert.That(await credential.LogsInAsync(Current.Target), Is.False);
    }

    [Test]
    public async Task Should_be_another_after_a_rotation_and_open_nothing_before_it()
    {
        var request = await PublishAsync(Login(TimeSpan.FromMinutes(5)));
        await StateAsync(request, "active");
        var first = await FetchAsync(request);

        IsOk(await Api.CommandAsync(request.GrantId, "rotate", request.Principal.Owner), "active");
        var second = await FetchAsync(request);

        Assert.That(await second.LogsInAsync(Current.Target), Is.True);
        Assert.That(await first.LogsInAsync(Current.Target), Is.False);
        await Api.CommandAsync(request.GrantId, "revoke", Security);
        await StateAsync(request, "ended");
    }

    [Test]
    public async Task Should_be_denied_without_a_key()
    {
        var request = await PublishAsync(Login(TimeSpan.FromMinutes(5)) with { RecipientKey = null });

        var denied = await StateAsync(request, "denied");
        Assert.That(denied!.ToString(), Does.Contain("no-recipient-key"));
    }

    /// <summary>Everything that the suite wrote, in every form in which a secret could be written.</summary>
    [Test]
    public async Task Should_leave_its_secret_nowhere()
    {
        var request = await PublishAsync(Login(TimeSpan.FromMinutes(5)));
        await StateAsync(request, "active");
        var passwords = new List<string> { (await FetchAsync(request)).Password };
        await Api.CommandAsync(request.GrantId, "rotate", request.Principal.Owner);
        passwords.Add((await FetchAsync(request)).Password);
        await Api.CommandAsync(request.GrantId, "revoke", Security);
        await StateAsync(request, "ended");
        await Eventually.Until(() => Task.FromResult(Spans.Holds(Encoding.UTF8.GetBytes(request.Entitlement.Target))), Is.True);

        var written = await WrittenAsync();

        Assert.That(Found(written, request.GrantId.ToString()), Is.SupersetOf(new[] { "database of lifecycle", "decision stream" }));
        Assert.That(Found(written, "Now listening on"), Is.Not.Empty, "logs are read");
        Assert.That(passwords, Is.Unique);
        foreach (var form in passwords.SelectMany(Forms))
        {
            Assert.That(Found(written, form), Is.Empty);
            Assert.That(Spans.Holds(Encoding.UTF8.GetBytes(form)), Is.False, "traces");
        }
    }

    private AccessRequest Login(TimeSpan duration) => Request(Current.Catalog.Login, duration) with { RecipientKey = _recipient.Jwk };

    private async Task<LoginCredential> FetchAsync(AccessRequest request) =>
        LoginCredential.Open(
            _recipient,
            await Eventually.Until(
                () => Api.GetAsync($"/v1/grants/{request.GrantId}/credential", request.Principal.Owner),
                answer => answer.Status == HttpStatusCode.OK
            )
        );

    private static async Task<long> CountAsync(NpgsqlConnection session)
    {
        await using var command = new NpgsqlCommand("select count(*) from items", session);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static IEnumerable<string> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return secret;
        yield return Convert.ToBase64String(bytes).TrimEnd('=');
        yield return System.Buffers.Text.Base64Url.EncodeToString(bytes);
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToHexStringLower(bytes);
        yield return Uri.EscapeDataString(secret);
    }

    private static List<string> Found(Dictionary<string, string> written, string text) =>
        [.. written.Where(w => w.Value.Contains(text, StringComparison.Ordinal)).Select(w => w.Key)];

    private static async Task<Dictionary<string, string>> WrittenAsync()
    {
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in new[] { "intake", "lifecycle", "policy", "issuance", "expiry" })
        {
            written[$"database of {service}"] = await DumpAsync(Current.Database(service));
        }

        foreach (var log in Directory.EnumerateFiles(Current.Home, "*.log"))
        {
            using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            written["log " + Path.GetFileName(log)] = await reader.ReadToEndAsync();
        }

        written["decision stream"] = string.Join('\n', (await DecisionLog.ReadAsync(Current.BusUrl)).Select(d => d.Body));
        return written;
    }

    private static async Task<string> DumpAsync(string database)
    {
        await using var connection = await TargetCluster.OpenAsync(database);
        var tables = new List<string>();
        await using (
            var list = new NpgsqlCommand(
                """
                select format('%I.%I', schemaname, tablename) from pg_tables
                where schemaname not in ('pg_catalog', 'information_schema')
                """,
                connection
            )
        )
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            await using var rows = new NpgsqlCommand($"select t::text from {table} t", connection);
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.AppendLine(reader.GetString(0));
            }
        }

        return dump.ToString();
    }
}
