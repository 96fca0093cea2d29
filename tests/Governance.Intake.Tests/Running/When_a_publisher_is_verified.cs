using System.Diagnostics;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;
using Governance.Testing;

namespace Governance.Intake.Tests.Running;

public sealed class When_a_publisher_is_verified
{
    private Surroundings _surroundings = null!;
    private RunningIntake _intake = null!;
    private string _itsm = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _surroundings = await Surroundings.CreateAsync();
        _intake = await RunningIntake.StartAsync(_surroundings);
        _itsm = await _surroundings.TrustedBusAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _intake.DisposeAsync();
        await _surroundings.DisposeAsync();
    }

    [TestCase(CatalogStandIn.TrustedUser, "verified")]
    [TestCase(null, "claimed")]
    public async Task Should_believe_what_the_source_is_trusted_for(string? user, string assurance)
    {
        var id = Guid.NewGuid().ToString();
        var message = Sample.Event(id);
        message["data"]!["emergency"] = true;
        message["data"]!["onBehalfOf"] = new JsonArray("dana@example.com");
        await using (var client = await AmqpClient.ConnectAsync(_itsm))
        {
            await client.PublishAsync(
                Sample.Bytes(message),
                p =>
                {
                    if (user is not null)
                    {
                        p.UserId = user;
                    }
                }
            );
        }

        await _surroundings.UntilSettledAsync();
        var stored = await FindAsync(id);
        Assert.Multiple(() =>
        {
            Assert.That(stored["emergencyAssurance"]!.GetValue<string>(), Is.EqualTo(assurance));
            Assert.That(stored["delegationAssurance"]!.GetValue<string>(), Is.EqualTo(assurance));
            Assert.That(stored["ticket"]!["assurance"]!.GetValue<string>(), Is.EqualTo(assurance));
            Assert.That(stored["approvals"]![0]!["assurance"]!.GetValue<string>(), Is.EqualTo(assurance));
            Assert.That(
                stored["requesterAssurance"]!.GetValue<string>(),
                Is.EqualTo("claimed"),
                "not among what this source is trusted for"
            );
            Assert.That(stored["actor"]!["assurance"]!.GetValue<string>(), Is.EqualTo(assurance));
        });
    }

    [Test]
    public async Task Should_continue_the_senders_trace()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name is "Governance",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var id = Guid.NewGuid().ToString();
        await using (var client = await AmqpClient.ConnectAsync(_itsm))
        {
            await client.PublishAsync(
                Sample.Bytes(Sample.Event(id)),
                p =>
                    p.Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
                    {
                        ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01",
                    }
            );
        }

        await _surroundings.UntilSettledAsync();
        var headers = await _surroundings.ReadEventsAsync("request-received", "headers");
        Assert.That(headers, Has.Some.Contains("0af7651916cd43dd8448eb211c80319c"));
    }

    private async Task<JsonNode> FindAsync(string id) =>
        (await _surroundings.ReadEventsAsync("request-received"))
            .Select(e => JsonNode.Parse(e)!)
            .Single(e => e["requestId"]!.GetValue<string>() == id);
}
