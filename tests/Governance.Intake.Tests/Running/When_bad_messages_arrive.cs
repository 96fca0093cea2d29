using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;
using RabbitMQ.Client;

namespace Governance.Intake.Tests.Running;

public sealed class When_bad_messages_arrive : WithARunningIntake
{
    [Test]
    public async Task Should_dead_letter_each_with_its_reason_and_go_on()
    {
        var bad = BadMessages.All().ToList();
        for (var i = 0; i < bad.Count; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            await _client.PublishAsync(bad[i].Body, p => p.MessageId = name);
            await _client.PublishAsync(Sample.Bytes(Sample.Event("good " + name)));
        }

        var rejected = (await _client.TakeRejectedAsync(bad.Count)).ToDictionary(m =>
            int.Parse(m.Properties.MessageId!, CultureInfo.InvariantCulture)
        );
        await _surroundings.UntilSettledAsync();

        Assert.Multiple(() =>
        {
            for (var i = 0; i < bad.Count; i++)
            {
                Assert.That(rejected[i].Header("governance-reason"), Is.EqualTo(bad[i].Code), bad[i].Name);
                Assert.That(rejected[i].Errors, Does.Contain((bad[i].Field, bad[i].Fault)), bad[i].Name);
                Assert.That(Guid.TryParse(rejected[i].Header("governance-refusal-id"), out _), bad[i].Name);
                Assert.That(rejected[i].Body, Is.EqualTo(bad[i].Body), bad[i].Name);
            }
        });
        var refusals = rejected.Values.Select(m => m.Header("governance-refusal-id")!).Distinct(StringComparer.Ordinal).ToList();
        Assert.That(
            refusals,
            Has.Count.EqualTo(
                bad.Select(b => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(b.Body)))
                    .Distinct(StringComparer.Ordinal)
                    .Count()
            )
        );
        Assert.That(await _surroundings.CountEventsAsync("request-refused"), Is.EqualTo(refusals.Count));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.EqualTo(bad.Count));
        Assert.That(await _surroundings.CountAsync("select count(*) from intake.mt_streams"), Is.EqualTo(refusals.Count + bad.Count));
        var told = await _client.TakeRefusedAsync(refusals.Count);
        Assert.That(told.Select(m => m["refusalId"]!.GetValue<string>()).Distinct(StringComparer.Ordinal), Is.EquivalentTo(refusals));
        await _client.TakeRequestedAsync(bad.Count);
        Assert.That(await _intake.IsReadyAsync());
    }

    [TestCase("data.principal", "svc-nobody", "unknown-principal", "data.principal")]
    [TestCase("data.entitlement", "orders-db/everything", "unknown-entitlement", "data.entitlement")]
    [TestCase("data.requester", "eve@example.com", "unknown-requester", "data.requester")]
    [TestCase("data.approvals.0.approver", "eve@example.com", "unknown-approver", "data.approvals[0].approver")]
    public async Task Should_refuse_unknown_names(string path, string name, string code, string field)
    {
        await _client.PublishAsync(Sample.Bytes(Sample.With(path, name)));

        var rejected = (await _client.TakeRejectedAsync(1)).Single();

        Assert.That(rejected.Header("governance-reason"), Is.EqualTo(code));
        Assert.That(rejected.Errors, Is.EqualTo(new[] { (field, code) }));
        var told = (await _client.TakeRefusedAsync(1)).Single();
        Assert.That(told["code"]!.GetValue<string>(), Is.EqualTo(code));
        Assert.That(told["requestId"]!.GetValue<string>(), Is.EqualTo("RITM0012345:3"));
        Assert.That(told.ToJsonString(), Does.Not.Contain(name));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.Zero);
    }

    [Test]
    public async Task Should_refuse_binary_mode()
    {
        await _client.PublishAsync(
            Sample.Bytes(Sample.Data()),
            p =>
            {
                p.ContentType = "application/json";
                p.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["ce-specversion"] = "1.0", ["ce-id"] = "1" };
            }
        );

        Assert.That((await _client.TakeRejectedAsync(1)).Single().Header("governance-reason"), Is.EqualTo("binary-mode"));
    }

    [TestCase("application/xml", null, "content_type", "content-type", "'application/xml'")]
    [TestCase("text/html; charset=utf-8", null, "content_type", "content-type", "'text/html'")]
    [TestCase("application/cbor", null, "content_type", "content-type", "'application/cbor'")]
    [TestCase("application/cloudevents+avro", null, "content_type", "content-type", "'application/cloudevents+avro'")]
    [TestCase("application/json; charset=utf-16", null, "content_type", "charset", "'utf-16'")]
    [TestCase("application/json", "gzip", "content_encoding", "content-encoding", "'gzip'")]
    [TestCase(null, "deflate\u200b", "content_encoding", "content-encoding", "'deflate<U+200B>'")]
    public async Task Should_name_a_form_that_it_would_not_heed(string? type, string? encoding, string field, string code, string named)
    {
        await _client.PublishAsync(
            Sample.Bytes(Sample.Event()),
            p =>
            {
                p.ContentType = type;
                p.ContentEncoding = encoding;
            }
        );

        var rejected = (await _client.TakeRejectedAsync(1)).Single();

        Assert.That(rejected.Header("governance-reason"), Is.EqualTo("unsupported-media-type"));
        Assert.That(rejected.Errors, Is.EqualTo(new[] { (field, code) }));
        Assert.That(JsonNode.Parse(rejected.Header("governance-errors")!)![0]!["message"]!.GetValue<string>(), Does.Contain(named));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.Zero);
    }

    [TestCase(null, null)]
    [TestCase("text/plain", "utf-8")]
    [TestCase("application/octet-stream", "identity")]
    [TestCase("Application/JSON ; charset=\"UTF-8\"", "UTF-8")]
    [TestCase("application/vnd.itsm+json", "")]
    [TestCase("json", null)]
    public async Task Should_take_a_good_message_whose_form_says_nothing_else(string? type, string? encoding)
    {
        await _client.PublishAsync(
            Sample.Bytes(Sample.Event()),
            p =>
            {
                p.ContentType = type;
                p.ContentEncoding = encoding;
            }
        );

        await _client.TakeRequestedAsync(1);
    }

    [Test]
    public async Task Should_let_a_close_count_whatever_it_says_of_its_form()
    {
        await _client.PublishAsync(
            Sample.Bytes(TicketSample.Event()),
            p =>
            {
                p.ContentType = "application/xml";
                p.ContentEncoding = "gzip";
            }
        );

        Assert.That((await _client.TakeTicketsAsync(1)).Single()["closed"]!.GetValue<bool>(), Is.True);
    }

    [Test]
    public async Task Should_keep_the_properties_of_what_it_refuses()
    {
        var user = Uri.UnescapeDataString(new Uri(_surroundings.Bus).UserInfo.Split(':')[0]);
        await _client.PublishAsync(
            "nothing"u8.ToArray(),
            p =>
            {
                p.MessageId = "m-1";
                p.CorrelationId = "c-1";
                p.UserId = user;
                p.Expiration = "600000";
                p.Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["number"] = 7L,
                    ["list"] = new List<object?> { "a", true },
                    ["governance-reason"] = "forged",
                };
            },
            "a.b.c"
        );

        var rejected = (await _client.TakeRejectedAsync(1)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(
                (rejected.Properties.MessageId, rejected.Properties.CorrelationId, rejected.RoutingKey),
                Is.EqualTo(("m-1", "c-1", "a.b.c"))
            );
            Assert.That(rejected.Properties.Headers!["number"], Is.EqualTo(7L));
            Assert.That(rejected.Properties.Headers!["list"], Has.Count.EqualTo(2));
            Assert.That(rejected.Properties.IsExpirationPresent(), Is.False, "a refused message must not vanish by itself");
            Assert.That(rejected.Header("governance-expiration"), Is.EqualTo("600000"));
            Assert.That(rejected.Header("governance-user-id"), Is.EqualTo(user));
            Assert.That(rejected.Header("governance-reason"), Is.EqualTo("malformed"));
        });
    }

    [Test]
    public async Task Should_pass_on_a_message_whose_headers_leave_no_room_for_ours()
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["big"] = new string('h', 130_000) };
        await _client.PublishAsync("nothing"u8.ToArray(), p => p.Headers = headers);
        await _client.PublishAsync(Sample.Bytes(Sample.Event()));

        var rejected = (await _client.TakeRejectedAsync(1)).Single();

        Assert.That(rejected.Header("governance-reason"), Is.EqualTo("malformed"));
        Assert.That(rejected.Properties.Headers, Does.ContainKey("governance-headers-dropped"));
        await _client.TakeRequestedAsync(1);
    }

    [Test]
    public async Task Should_record_the_same_bad_message_once()
    {
        var body = Sample.Bytes(Sample.With("data.duration", "PT0S"));
        for (var i = 0; i < 5; i++)
        {
            await _client.PublishAsync(body);
        }

        var rejected = await _client.TakeRejectedAsync(5);

        Assert.That(rejected.Select(m => m.Header("governance-refusal-id")).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
        Assert.That(await _surroundings.CountEventsAsync("request-refused"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_refuse_a_reused_id()
    {
        await _client.PublishAsync(Sample.Bytes(Sample.Event()));
        await _client.TakeRequestedAsync(1);
        await _client.PublishAsync(Sample.Bytes(Sample.With("data.justification", "another reason")));

        var rejected = (await _client.TakeRejectedAsync(1)).Single();

        Assert.That(rejected.Header("governance-reason"), Is.EqualTo("id-reused"));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.EqualTo(1));
        Assert.That((await _client.TakeRefusedAsync(1)).Single()["code"]!.GetValue<string>(), Is.EqualTo("id-reused"));
        Assert.That(await _client.CountRequestedAsync(), Is.Zero);
    }
}
