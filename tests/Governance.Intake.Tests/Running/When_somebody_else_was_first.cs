using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Intake.Door;
using Governance.Intake.Reading;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;
using Governance.Intake.Tickets;
using Governance.Testing;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Intake.Tests.Running;

/// <summary>Nobody takes the id of an event by sending it before its source does; and whoever is trusted for the source has one identity for it.</summary>
public sealed class When_somebody_else_was_first : WithARunningIntake
{
    private const string Id = "RITM0012345:9";
    private static readonly Guid Plain = NameBasedUuid.ForRequest(Sample.Source, Id);

    [TestCase("nobody, over amqp")]
    [TestCase("nobody, over http")]
    [TestCase("intruder, over amqp")]
    [TestCase("dana, over http")]
    [TestCase("nobody, with other content")]
    [TestCase("nobody, with a request of that id")]
    public async Task Should_take_the_ticket_of_the_trusted_one_all_the_same(string first)
    {
        var body = first switch
        {
            "nobody, with other content" => Sample.Bytes(TicketSample.With("data.closed", false)),
            "nobody, with a request of that id" => Sample.Bytes(Sample.Event(Id)),
            _ => Sample.Bytes(TicketSample.Event()),
        };
        await SquatAsync(first, body, "/v1/tickets");

        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(TicketSample.Event()));

        var verified = await Eventually.Until(
            async () =>
                (await _surroundings.ReadEventsAsync("ticket-change-received.v1"))
                    .Select(e => JsonNode.Parse(e)!)
                    .SingleOrDefault(e => e["ticket"]!["assurance"]!.GetValue<string>() is "verified"),
            Is.Not.Null,
            TimeSpan.FromSeconds(30)
        );
        Assert.That(verified!["actor"]!["id"]!.GetValue<string>(), Is.EqualTo("broker:itsm"));
        Assert.That(await StreamOfAsync("ticket-change-received.v1", "broker:itsm"), Is.EqualTo(Plain), "as it always was");
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(TicketSample.Event()));
        await _surroundings.UntilSettledAsync();
        Assert.That(
            await _surroundings.CountAsync(
                "select count(*) from intake.mt_events where type = 'ticket-change-received.v1' and data -> 'actor' ->> 'id' = 'broker:itsm'"
            ),
            Is.EqualTo(1),
            "a repeat is one"
        );
    }

    [TestCase("nobody, over amqp")]
    [TestCase("intruder, over amqp")]
    [TestCase("dana, over http")]
    public async Task Should_take_the_request_of_the_trusted_one_all_the_same(string first)
    {
        await SquatAsync(first, Sample.Bytes(Sample.Event(Id)), "/v1/requests");

        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(Sample.Event(Id)));

        await Eventually.Until(() => _surroundings.CountEventsAsync("request-received"), Is.EqualTo(2));
        Assert.That(await StreamOfAsync("request-received", "broker:itsm"), Is.EqualTo(Plain));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_refuse_nobody_a_message_because_the_trusted_one_sent_another()
    {
        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(Sample.Event(Id)));
        await _surroundings.UntilSettledAsync();

        var (status, answer) = await _intake.PostAsync("/v1/requests", Sample.Bytes(Sample.Set(Sample.Event(Id), "data.duration", "PT2H")));

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), "nor learns that there is one");
        Assert.That(answer["id"]!.GetValue<Guid>(), Is.EqualTo(NameBasedUuid.ForRequest(Sample.Source, Id, null)));
    }

    [Test]
    public async Task Should_be_one_event_by_any_door_and_credential_of_the_trusted_one()
    {
        var body = Sample.Bytes(Sample.Event(Id));
        await PublishAsync(CatalogStandIn.TrustedUser, body);
        await _surroundings.UntilSettledAsync();
        await PublishAsync(CatalogStandIn.RotatedUser, body);

        var (status, answer) = await _intake.PostAsync("/v1/requests", body, headers: ("X-Governance-Actor", CatalogStandIn.TrustedCaller));

        Assert.That((status, answer["id"]!.GetValue<Guid>()), Is.EqualTo((HttpStatusCode.OK, Plain)));
        await _surroundings.UntilSettledAsync();
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_believe_the_trusted_one_over_http_as_well()
    {
        var (_, answer) = await _intake.PostAsync(
            "/v1/requests",
            Sample.Bytes(Sample.Event(Id)),
            headers: ("X-Governance-Actor", CatalogStandIn.TrustedCaller)
        );

        Assert.That(answer["id"]!.GetValue<Guid>(), Is.EqualTo(Plain));
        var stored = JsonNode.Parse((await _surroundings.ReadEventsAsync("request-received")).Single())!;
        Assert.That(stored["ticket"]!["assurance"]!.GetValue<string>(), Is.EqualTo("verified"));
        Assert.That(stored["actor"]!["id"]!.GetValue<string>(), Is.EqualTo("p-5"));
    }

    [TestCase("broker:itsm", CatalogStandIn.TrustedUser)]
    [TestCase("broker:itsm", CatalogStandIn.RotatedUser)]
    [TestCase("broker:intruder", "intruder")]
    [TestCase(null, null)]
    public async Task Should_know_a_repeat_of_what_was_received_before_identities_had_senders(string? recordedBy, string? user)
    {
        await RecordAsBeforeAsync(recordedBy);

        await PublishAsync(user, Sample.Bytes(TicketSample.Event()));

        await _surroundings.UntilSettledAsync();
        Assert.That(await _surroundings.CountEventsAsync("ticket-change-received.v1"), Is.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_pass_by_whoever_sat_there_before_identities_had_senders()
    {
        await RecordAsBeforeAsync(null);

        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(TicketSample.Event()));
        await PublishAsync(CatalogStandIn.TrustedUser, Sample.Bytes(TicketSample.Event()));

        await _surroundings.UntilSettledAsync();
        Assert.That(await _surroundings.CountEventsAsync("ticket-change-received.v1"), Is.EqualTo(2), "once each");
        Assert.That(
            (await _surroundings.ReadEventsAsync("ticket-change-received.v1"))[^1],
            Does.Contain("broker:itsm").And.Contain("\"assurance\": \"verified\"")
        );
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_know_a_repeat_of_the_trusted_one_while_lifecycle_is_away()
    {
        var body = Sample.Bytes(Sample.Event(Id));
        await PublishAsync(CatalogStandIn.TrustedUser, body);
        await _surroundings.UntilSettledAsync();
        await _surroundings.Catalog.StopAsync();
        await PublishAsync(CatalogStandIn.TrustedUser, body);
        await _surroundings.UntilSettledAsync();

        // Also when it starts without ever having met Lifecycle.
        await _intake.DisposeAsync();
        _intake = await RunningIntake.StartAsync(_surroundings, untilReady: false);
        await PublishAsync(CatalogStandIn.RotatedUser, body);
        await _surroundings.UntilSettledAsync();

        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    private Task SquatAsync(string who, byte[] body, string path) =>
        who switch
        {
            "nobody, over http" => _intake.PostAsync(path, body),
            "dana, over http" => _intake.PostAsync(path, body, headers: ("X-Governance-Actor", "dana@example.com")),
            "intruder, over amqp" => PublishedAsync("intruder", body),
            _ => PublishedAsync(null, body),
        };

    private async Task PublishedAsync(string? user, byte[] body)
    {
        await PublishAsync(user, body);
        await _surroundings.UntilSettledAsync();
    }

    private async Task PublishAsync(string? user, byte[] body)
    {
        await using var client = await AmqpClient.ConnectAsync(user is null ? _surroundings.Bus : await _surroundings.BusAsAsync(user));
        await client.PublishAsync(
            body,
            p =>
            {
                if (user is not null)
                {
                    p.UserId = user;
                }
            }
        );
    }

    private async Task<Guid> StreamOfAsync(string type, string actor)
    {
        var streams = await _surroundings.ReadEventsAsync(type, $"stream_id::text || ' ' || (data -> 'actor' ->> 'id')");
        return Guid.Parse(streams.Single(s => s.EndsWith(" " + actor, StringComparison.Ordinal)).Split(' ')[0]);
    }

    /// <summary>What the version before this one recorded of the sample's change of a ticket.</summary>
    private async Task RecordAsBeforeAsync(string? publisher)
    {
        var change = (TicketChange)
            new MessageParser(TimeProvider.System).ParseEvent(Sample.Bytes(TicketSample.Event()), EventKind.All).Message!;
        await using var session = _intake.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.Events.StartStream(
            Plain,
            new TicketChangeReceived
            {
                Source = Sample.Source,
                EventId = Id,
                Ticket = new Contracts.Intake.RequestedTicket
                {
                    System = "servicenow",
                    Key = "RITM0012345",
                    State = "closed complete",
                    Assurance = publisher is null ? Assurance.Claimed : Assurance.Verified,
                },
                Closed = true,
                ChangedAt = change.HappenedAt,
                Via = Delivery.Amqp,
                Actor = publisher is null
                    ? Delivery.Nobody(Delivery.Amqp)
                    : new ActorRef
                    {
                        Id = publisher,
                        Kind = "system",
                        Via = Delivery.Amqp,
                        Assurance = Assurance.Verified,
                    },
                ReceivedAt = change.HappenedAt,
                Digest = TicketEvidence.DigestOf(change),
                Catalog = "sha256:stand-in",
            }
        );
        await session.SaveChangesAsync();
    }
}
