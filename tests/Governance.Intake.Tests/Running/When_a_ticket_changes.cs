using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;

namespace Governance.Intake.Tests.Running;

public sealed class When_a_ticket_changes : WithARunningIntake
{
    private const string Path = "/v1/tickets";
    private const string Stored = "ticket-change-received.v1";

    [TestCase(CatalogStandIn.TrustedUser, "verified", "broker:itsm")]
    [TestCase(null, "claimed", "unknown")]
    public async Task Should_be_told_with_what_its_source_is_believed(string? user, string assurance, string actor)
    {
        await using var itsm = await AmqpClient.ConnectAsync(await _surroundings.TrustedBusAsync());
        await itsm.PublishAsync(
            Sample.Bytes(TicketSample.Event()),
            p =>
            {
                if (user is not null)
                {
                    p.UserId = user;
                }
            }
        );

        var told = (await _client.TakeTicketsAsync(1)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(told["source"]!.GetValue<string>(), Is.EqualTo(Sample.Source));
            Assert.That(told["eventId"]!.GetValue<string>(), Is.EqualTo("RITM0012345:9"));
            Assert.That(told["closed"]!.GetValue<bool>(), Is.True);
            Assert.That(told["changedAt"]!.GetValue<string>(), Is.EqualTo("2026-11-23T11:59:30.000Z"));
            Assert.That(told["via"]!.GetValue<string>(), Is.EqualTo("amqp"));
            Assert.That(told["actor"]!["id"]!.GetValue<string>(), Is.EqualTo(actor));
            var ticket = told["ticket"]!;
            Assert.That(ticket["assurance"]!.GetValue<string>(), Is.EqualTo(assurance));
            Assert.That(
                (ticket["system"]!.GetValue<string>(), ticket["key"]!.GetValue<string>(), ticket["state"]!.GetValue<string>()),
                Is.EqualTo(("servicenow", "RITM0012345", "closed complete"))
            );
            Assert.That(ticket["assignee"]!.GetValue<string>(), Is.EqualTo("p-3"));
            Assert.That(ticket["changeWindow"]!["end"]!.GetValue<string>(), Is.EqualTo("2026-11-24T22:00:00.000Z"));
        });
        var stored = (await _surroundings.ReadEventsAsync(Stored)).Single();
        Assert.That(stored, Does.Not.Contain("omar@"));
    }

    [Test]
    public async Task Should_only_be_claimed_over_http()
    {
        var (status, answer) = await _intake.PostAsync(Path, Sample.Bytes(TicketSample.Event()));

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(answer["id"]!.GetValue<Guid>(), Is.EqualTo(NameBasedUuid.ForRequest(Sample.Source, "RITM0012345:9", null)));
        var told = (await _client.TakeTicketsAsync(1)).Single();
        Assert.That(told["ticket"]!["assurance"]!.GetValue<string>(), Is.EqualTo("claimed"));
        Assert.That(told["via"]!.GetValue<string>(), Is.EqualTo("http"));
    }

    [Test]
    public async Task Should_take_data_alone_under_the_callers_key()
    {
        var body = Sample.Bytes(Sample.Remove(TicketSample.Event(), "data.changedAt")["data"]!);
        (string, string)[] headers = [("Idempotency-Key", "k-1"), ("X-Governance-Actor", "dana@example.com")];

        var first = await _intake.PostAsync(Path, body, "application/json", headers);
        var again = await _intake.PostAsync(Path, body, "application/json", headers);

        Assert.That((first.Status, again.Status), Is.EqualTo((HttpStatusCode.Accepted, HttpStatusCode.OK)));
        Assert.That(again.Body["duplicate"]!.GetValue<bool>());
        var told = (await _client.TakeTicketsAsync(1)).Single();
        Assert.That(told["source"]!.GetValue<string>(), Is.EqualTo("urn:governance:http:p-2"));
        Assert.That(
            told["receivedAt"]!.GetValue<DateTimeOffset>() - told["changedAt"]!.GetValue<DateTimeOffset>(),
            Is.InRange(TimeSpan.Zero, TimeSpan.FromSeconds(30)),
            "when it came in"
        );
    }

    [Test]
    [Repeat(3)]
    public async Task Should_make_one_stream_of_ten_at_once_over_both_doors()
    {
        var id = Guid.NewGuid().ToString();
        var body = Sample.Bytes(TicketSample.Event(id));
        var before = await _surroundings.CountEventsAsync(Stored);

        var published = Enumerable.Range(0, 5).Select(_ => _client.PublishAsync(body)).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _intake.PostAsync(Path, body)));
        await Task.WhenAll(published);
        await _surroundings.UntilSettledAsync();

        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.LessThanOrEqualTo(1));
        Assert.That(
            answers.Select(a => a.Status == HttpStatusCode.OK),
            Is.EqualTo(answers.Select(a => a.Body["duplicate"]!.GetValue<bool>()))
        );
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(before + 1));
        Assert.That(await _client.TakeTicketsAsync(1), Has.Count.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_refuse_its_id_for_anything_else()
    {
        await _intake.PostAsync(Path, Sample.Bytes(TicketSample.Event()));

        var other = await _intake.PostAsync(Path, Sample.Bytes(TicketSample.With("data.closed", false)));
        var request = await _intake.PostAsync("/v1/requests", Sample.Bytes(Sample.Event("RITM0012345:9")));
        await _client.PublishAsync(Sample.Bytes(TicketSample.With("data.state", "reopened")));

        Assert.That((other.Status, other.Body["code"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.Conflict, "id-reused")));
        Assert.That((request.Status, request.Body["code"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.Conflict, "id-reused")));
        Assert.That((await _client.TakeRejectedAsync(1)).Single().Header("governance-reason"), Is.EqualTo("id-reused"));
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(1));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.Zero);
    }

    [Test]
    public async Task Should_be_refused_at_the_door_of_requests_and_the_other_way_round()
    {
        var change = await _intake.PostAsync("/v1/requests", Sample.Bytes(TicketSample.Event()));
        var request = await _intake.PostAsync(Path, Sample.Bytes(Sample.Event()));

        foreach (var (status, problem) in new[] { change, request })
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(problem["errors"]!.AsArray().Single()!["code"]!.GetValue<string>(), Is.EqualTo("unsupported-type"));
        }

        Assert.That(await _surroundings.CountEventsAsync("request-refused"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_dead_letter_bad_ones_with_their_reason_and_go_on()
    {
        var bad = TicketMessages.Bad().ToList();
        for (var i = 0; i < bad.Count; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            await _client.PublishAsync(bad[i].Body, p => p.MessageId = name);
            await _client.PublishAsync(Sample.Bytes(TicketSample.Event("good " + name)));
        }

        var rejected = (await _client.TakeRejectedAsync(bad.Count)).ToDictionary(m =>
            int.Parse(m.Properties.MessageId!, CultureInfo.InvariantCulture)
        );
        await _client.TakeTicketsAsync(bad.Count);
        await _surroundings.UntilSettledAsync();

        Assert.Multiple(() =>
        {
            for (var i = 0; i < bad.Count; i++)
            {
                Assert.That(rejected[i].Header("governance-reason"), Is.EqualTo(bad[i].Code), bad[i].Name);
                Assert.That(rejected[i].Errors, Does.Contain((bad[i].Field, bad[i].Fault)), bad[i].Name);
                Assert.That(rejected[i].Body, Is.EqualTo(bad[i].Body), bad[i].Name);
            }
        });
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(bad.Count));
        Assert.That(await _client.TakeRefusedAsync(1), Is.Not.Empty, "refusals are told to Lifecycle as those of requests are");
    }

    [Test]
    public async Task Should_refuse_bad_ones_over_http()
    {
        foreach (var bad in TicketMessages.Bad())
        {
            var (status, problem) = await _intake.PostAsync(Path, bad.Body);

            Assert.That((int)status, Is.InRange(400, 499), bad.Name);
            Assert.That(problem["code"]!.GetValue<string>(), Is.EqualTo(bad.Code), bad.Name);
            Assert.That(problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()), Does.Contain(bad.Field), bad.Name);
        }

        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.Zero);
    }

    [Test]
    public async Task Should_be_held_while_lifecycle_is_away()
    {
        await _intake.PostAsync(Path, Sample.Bytes(TicketSample.Event("known")));
        await _surroundings.Catalog.StopAsync();
        await _client.PublishAsync(Sample.Bytes(TicketSample.Event("held")));

        Assert.That(
            (await _intake.PostAsync(Path, Sample.Bytes(TicketSample.Event("by http")))).Status,
            Is.EqualTo(HttpStatusCode.ServiceUnavailable)
        );
        Assert.That((await _intake.PostAsync(Path, Sample.Bytes(TicketSample.Event("known")))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(1));

        await _surroundings.Catalog.StartAsync();
        Assert.That(
            (await _client.TakeTicketsAsync(2)).Select(m => m["eventId"]!.GetValue<string>()),
            Is.EquivalentTo(new[] { "known", "held" })
        );
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }
}
