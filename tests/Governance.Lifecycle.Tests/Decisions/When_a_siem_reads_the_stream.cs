using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Decisions;

public sealed partial class When_a_siem_reads_the_stream
{
    private const string Secret = "zebra-crossing-at-midnight";
    private World _world = null!;
    private Actor _actor = null!;
    private Guid _grant;
    private IReadOnlyList<JsonNode> _stream = [];

    [OneTimeSetUp]
    public async Task LiveAsync()
    {
        _world = await World.CreateAsync();
        _actor = TestCatalog.NextActor();
        var request = Requests.Of(_actor, TestCatalog.Writer) with { Justification = Secret };
        _grant = request.GrantId;
        await _world.SendAsync(request);
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(_grant), Outcome.ApprovalRequired));
        await _world.CommandAsync(_grant, "approve", "lee@example.com", body: new { comment = Secret });
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(_grant, 2), Outcome.Permit, discharged: true));
        await _world.ObserveAsync(_actor.First);
        await _world.CommandAsync(_grant, "revoke", "kim@example.com", body: new { comment = Secret });
        await _world.ObserveAsync(_actor.First);
        var refusal = Refusal();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _world.SendAsync(refusal)));
        _stream = await ReadAsync(8);
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await _world.DisposeAsync();

    [Test]
    public void Should_be_told_everything_in_order() =>
        Assert.That(
            _stream.Select(m => (string?)m["type"]),
            Is.EqualTo(
                new[]
                {
                    "governance.decision.recorded.v1",
                    "governance.approval.requested.v1",
                    "governance.approval.recorded.v1",
                    "governance.decision.recorded.v1",
                    "governance.grant.activated.v1",
                    "governance.grant.revoked.v1",
                    "governance.access.rejected.v1",
                    "governance.decision.recorded.v1",
                }.Take(_stream.Count)
            )
        );

    [Test]
    public void Should_be_able_to_prove_that_nothing_is_missing()
    {
        Assert.That(_stream.Select(m => (string?)m["sequence"]), Is.Ordered.And.Unique);
        Assert.That(
            _stream.Select(m => (string?)m["prevsequence"]),
            Is.EqualTo(_stream.Select(m => (string?)m["sequence"]).Take(_stream.Count - 1).Prepend(new string('0', 19)))
        );
    }

    [Test]
    public void Should_get_cloud_events()
    {
        foreach (var message in _stream)
        {
            Assert.That((string?)message["specversion"], Is.EqualTo("1.0"));
            Assert.That((string?)message["source"], Is.EqualTo("urn:governance:local"));
            Assert.That(Guid.TryParse((string?)message["id"], out _));
        }

        Assert.That(
            _stream.Where(m => (string?)m["type"] != "governance.access.rejected.v1").Select(m => (string?)m["subject"]).Take(6),
            Is.All.EqualTo(_grant.ToString())
        );
    }

    [Test]
    public void Should_read_names_and_no_opaque_ids() =>
        Assert.That(_stream.Select(m => m.ToJsonString()).Where(t => OpaqueId().IsMatch(t)), Is.Empty);

    [Test]
    public async Task Should_find_no_personal_text_anywhere_but_in_its_place()
    {
        Assert.That(_stream.Select(m => m.ToJsonString()), Is.All.Not.Contains(Secret));
        await using var tables = _world.Sql.CreateCommand(
            "select table_name from information_schema.tables where table_schema = 'lifecycle' and table_type = 'BASE TABLE'"
        );
        var found = new List<string>();
        var names = new List<string>();
        await using (var reader = await tables.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(0));
            }
        }

        foreach (var name in names)
        {
            if (
                await _world.ScalarAsync<long>($"select count(*) from lifecycle.\"{name}\" t where t::text like '%' || $1 || '%'", Secret)
                > 0
            )
            {
                found.Add(name);
            }
        }

        Assert.That(found, Is.EqualTo(new[] { "mt_doc_personaltext" }));
        Assert.That(_world.Service.Log.All.Where(l => l.Message.Contains(Secret, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Should_get_the_same_again_after_a_crash_in_the_middle_of_a_page()
    {
        var middle = long.Parse((string)_stream[3]!["sequence"]!, System.Globalization.CultureInfo.InvariantCulture);
        await _world.Service.DisposeAsync();
        // As a process leaves it that published a page and died before it could commit that.
        await ExecuteAsync("update lifecycle.mt_event_progression set last_seq_id = $1 where name like 'decision-stream:%'", middle);
        await ExecuteAsync(
            "update lifecycle.mt_doc_decisioncursor set data = jsonb_set(data, '{lastSequence}', to_jsonb($1::bigint))",
            middle
        );

        await _world.StartServiceAsync();
        await _world.Service.ReadyAsync();
        var repeated = _stream.Skip(4).Select(Text).ToList();
        var all = await StreamReader.ReadAsync(_world.BusUrl, s => s.Count >= _stream.Count + repeated.Count);

        Assert.That(all.Take(_stream.Count).Select(Text), Is.EqualTo(_stream.Select(Text)), "it can be replayed from the start");
        Assert.That(all.Skip(_stream.Count).Select(Text), Is.EqualTo(repeated), "the same ids, sequences and links");
    }

    [Test]
    public async Task Should_see_no_broken_link_when_a_leader_wakes_up_late()
    {
        var middle = long.Parse((string)_stream[3]!["sequence"]!, System.Globalization.CultureInfo.InvariantCulture);
        await _world.Service.DisposeAsync();
        // As a leader sees it that fetched a page, slept, and finds that its successor has told all of it.
        await ExecuteAsync("update lifecycle.mt_event_progression set last_seq_id = $1 where name like 'decision-stream:%'", middle);
        await _world.StartServiceAsync();
        await _world.Service.ReadyAsync();

        var all = await ReadAsync(_stream.Count + 1);

        foreach (var repeats in all.GroupBy(m => (string?)m["sequence"], StringComparer.Ordinal))
        {
            Assert.That(repeats.Select(Text).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1), repeats.Key);
        }

        var once = all.DistinctBy(m => (string?)m["sequence"], StringComparer.Ordinal).ToList();
        Assert.That(
            once.Select(m => (string?)m["prevsequence"]),
            Is.EqualTo(once.Select(m => (string?)m["sequence"]).Take(once.Count - 1).Prepend(new string('0', 19)))
        );
    }

    private static string Text(JsonNode message) => message.ToJsonString();

    private async Task<IReadOnlyList<JsonNode>> ReadAsync(int count)
    {
        // A last decision, after which nothing more comes.
        var last = await _world.RequestAsync(TestCatalog.NextActor());
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(last), Outcome.Forbid));
        return await StreamReader.ReadAsync(_world.BusUrl, s => s.Count >= count && s.Any(m => (string?)m["subject"] == last.ToString()));
    }

    private async Task ExecuteAsync(string sql, long value)
    {
        await using var command = _world.Sql.CreateCommand(sql);
        command.Parameters.Add(new() { Value = value });
        Assert.That(await command.ExecuteNonQueryAsync(), Is.EqualTo(1));
    }

    private static AccessRefused Refusal() =>
        new()
        {
            RefusalId = Guid.NewGuid(),
            Source = Requests.Source,
            RequestId = "RITM1",
            Code = "invalid",
            Details = [new RefusalDetail("data.duration", "invalid", "must be longer than zero")],
            BodyDigest = "sha256:body",
            Via = "amqp",
            Actor = Contracts.ActorRef.System("itsm"),
            RefusedAt = DateTimeOffset.UnixEpoch,
        };

    [GeneratedRegex("p-[0-9a-f]{8}|p-test", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OpaqueId();
}
