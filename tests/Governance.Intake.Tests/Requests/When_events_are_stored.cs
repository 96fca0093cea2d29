using System.Text.Json;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Intake.Door;
using Governance.Intake.Reading;
using Governance.Intake.Requests;
using Governance.Testing;
using Marten;

namespace Governance.Intake.Tests.Requests;

/// <summary>Golden files: what is stored today can be read tomorrow, whatever C# calls it.</summary>
public sealed class When_events_are_stored
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 12, 0, 5, 250, TimeSpan.Zero);

    private static readonly ActorRef Actor = new()
    {
        Id = "broker:itsm",
        Kind = "system",
        Via = "amqp",
        Assurance = Assurance.Verified,
        OnBehalfOf = ["p-2"],
    };

    private static readonly RequestReceived Received = new()
    {
        Source = Sample.Source,
        RequestId = "RITM0012345:3",
        Principal = "p-1",
        Entitlement = "orders-db/readonly",
        Duration = TimeSpan.FromMinutes(90),
        NotBefore = At.AddDays(1),
        Justification = "hmac-sha256:00",
        Requester = "p-2",
        RequesterAssurance = Assurance.Claimed,
        Emergency = true,
        EmergencyAssurance = Assurance.Verified,
        Ticket = new RequestedTicket
        {
            System = "servicenow",
            Key = "RITM0012345",
            State = "approved",
            Url = "https://itsm.example.com/RITM0012345",
            Assurance = Assurance.Verified,
        },
        Approvals =
        [
            new RequestedApproval
            {
                Approver = "p-3",
                Approved = true,
                At = At.AddSeconds(-10),
                Assurance = Assurance.Verified,
            },
        ],
        Via = "amqp",
        Actor = Actor,
        ReceivedAt = At,
        Digest = "sha256:11",
        Catalog = "sha256:22",
    };

    private static readonly RequestRefused Refused = new()
    {
        Source = Sample.Source,
        RequestId = "RITM0012345:3",
        Code = "invalid",
        Details = [new RefusalDetail("data.duration", "out-of-range", "Send a duration longer than zero and at most P366D.")],
        BodyDigest = "sha256:33",
        Via = "http",
        Actor = Delivery.Nobody("http"),
        RefusedAt = At,
    };

    private static IEnumerable<TestCaseData> Events()
    {
        yield return new TestCaseData("request-received", Received).SetArgDisplayNames("request-received");
        yield return new TestCaseData("request-refused", Refused).SetArgDisplayNames("request-refused");
    }

    [TestCaseSource(nameof(Events))]
    public void Should_have_the_golden_form(string name, object stored)
    {
        var options = new StoreOptions();
        IntakeHost.ConfigureStore(options);
        Assert.That(((Marten.Events.EventGraph)options.Events).EventMappingFor(stored.GetType()).EventTypeName, Is.EqualTo(name));

        var golden = File.ReadAllText(RepositoryRoot.File("tests", "Governance.Intake.Tests", "testdata", name + ".json"));
        var json = new JsonSerializerOptions { WriteIndented = true };
        WireJson.Apply(json);

        Assert.That(JsonSerializer.Serialize(stored, stored.GetType(), json) + "\n", Is.EqualTo(golden));
        var read = JsonSerializer.Deserialize(golden, stored.GetType(), json);
        Assert.That(JsonSerializer.Serialize(read, stored.GetType(), json) + "\n", Is.EqualTo(golden));
    }

    /// <summary>Recorded digests tell duplicates for ever: the canonical form must not change. Computed independently of this code.</summary>
    [Test]
    public void Should_have_the_golden_digest()
    {
        var request = new MessageParser(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Sample.Now))
            .ParseEvent(Sample.Bytes(Sample.Event()))
            .Request()!;

        Assert.That(RequestDigest.Compute(request, RequestDigest.OfText("00", request.Justification)), Is.EqualTo(GoldenDigest));
    }

    /// <summary>What makes another request of it makes another digest.</summary>
    [Test]
    public void Should_have_every_optional_member_in_the_digest()
    {
        var parser = new MessageParser(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Sample.Now));
        string DigestOf(System.Text.Json.Nodes.JsonObject message) =>
            RequestDigest.Compute(parser.ParseEvent(Sample.Bytes(message)).Request()!, "same");

        var digests = new List<string>
        {
            DigestOf(Sample.Full()),
            DigestOf(Sample.Remove(Sample.Full(), "data.onBehalfOf")),
            DigestOf(Sample.Set(Sample.Full(), "data.onBehalfOf.0", "svc-other")),
            DigestOf(Sample.Remove(Sample.Full(), "data.ticket.assignee")),
            DigestOf(Sample.Set(Sample.Full(), "data.ticket.configurationItem", "orders-db-02")),
            DigestOf(Sample.Remove(Sample.Full(), "data.ticket.changeWindow")),
            DigestOf(Sample.Set(Sample.Full(), "data.ticket.changeWindow.end", "2026-11-24T23:30:00+01:00")),
        };
        var again = Sample.Full();
        again["data"]!["ticket"]!["changeWindow"]!["start"] = "2026-11-24T19:00:00.000Z";

        Assert.That(digests, Is.Unique);
        Assert.That(DigestOf(again), Is.EqualTo(digests[0]), "the same moment in other words");
    }

    private const string GoldenDigest = "sha256:9d8e6bebee4016c34d4d1ce30bad953a4b54ad319ed1237ab55cff766d9dcb23";
}
