using System.Net;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;

namespace Governance.Intake.Tests.Running;

/// <summary>Delegation, what a ticket says beside its key, and emergencies, over both doors.</summary>
public sealed class When_a_request_says_more : WithARunningIntake
{
    [TestCase("amqp")]
    [TestCase("http")]
    public async Task Should_record_and_tell_all_of_it_by_ids(string door)
    {
        await SendAsync(door, Sample.Full());

        var told = (await _client.TakeRequestedAsync(1)).Single();
        var stored = JsonNode.Parse((await _surroundings.ReadEventsAsync("request-received")).Single())!;
        Assert.Multiple(() =>
        {
            foreach (var request in new[] { told, stored })
            {
                Assert.That(request["onBehalfOf"]!.AsArray().Select(n => n!.GetValue<string>()), Is.EqualTo(new[] { "p-1", "p-2" }));
                var ticket = request["ticket"]!;
                Assert.That(ticket["assignee"]!.GetValue<string>(), Is.EqualTo("p-3"));
                Assert.That(ticket["configurationItem"]!.GetValue<string>(), Is.EqualTo("orders-db-01"));
                Assert.That(ticket["changeWindow"]!["start"]!.GetValue<string>(), Is.EqualTo("2026-11-24T19:00:00.000Z"));
                Assert.That(ticket["changeWindow"]!["end"]!.GetValue<string>(), Is.EqualTo("2026-11-24T22:00:00.000Z"));
            }
        });
    }

    [TestCase("somebody@example.com", Description = "not in the catalog")]
    [TestCase("agent-triage", Description = "no person")]
    public async Task Should_leave_away_an_assignee_who_is_nobody(string name)
    {
        await SendAsync("amqp", Sample.With("data.ticket.assignee", name));

        var told = (await _client.TakeRequestedAsync(1)).Single();

        Assert.That(told["ticket"]!["assignee"], Is.Null);
        Assert.That(told["ticket"]!["key"]!.GetValue<string>(), Is.EqualTo("RITM0012345"));
    }

    [TestCase("eve@example.com", 1, "unknown-delegator", "unknown-delegator", 422)]
    [TestCase("p-2", 1, "invalid", "duplicate-name", 400, Description = "the id of dana@example.com")]
    [TestCase("p-4", 1, "invalid", "is-principal", 400, Description = "the id of agent-triage")]
    public async Task Should_refuse_a_delegator(string name, int at, string code, string fault, int status)
    {
        var message = Sample.Full();
        message["data"]!["onBehalfOf"] = new JsonArray("dana@example.com", name);
        await SendAsync("amqp", message);

        var rejected = (await _client.TakeRejectedAsync(1)).Single();
        Assert.That(rejected.Header("governance-reason"), Is.EqualTo(code));
        Assert.That(rejected.Errors, Is.EqualTo(new[] { ($"data.onBehalfOf[{at}]", fault) }));
        var (answered, problem) = await _intake.PostAsync("/v1/requests", Sample.Bytes(message["data"]!), "application/json");
        Assert.That((int)answered, Is.EqualTo(status));
        Assert.That(problem["errors"]![0]!["field"]!.GetValue<string>(), Is.EqualTo($"onBehalfOf[{at}]"));
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.Zero);
    }

    [Test]
    public async Task Should_refuse_an_emergency_that_names_no_incident()
    {
        var message = Sample.Remove(Sample.With("data.emergency", true), "data.ticket");
        await SendAsync("amqp", message);

        var rejected = (await _client.TakeRejectedAsync(1)).Single();
        var (status, problem) = await _intake.PostAsync("/v1/requests", Sample.Bytes(message));

        Assert.That(rejected.Errors, Is.EqualTo(new[] { ("data.ticket", "missing") }));
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem["errors"]![0]!["message"]!.GetValue<string>(), Does.Contain("incident"));
    }

    private async Task SendAsync(string door, JsonObject message)
    {
        if (door == "amqp")
        {
            await _client.PublishAsync(Sample.Bytes(message));
        }
        else
        {
            Assert.That((await _intake.PostAsync("/v1/requests", Sample.Bytes(message))).Status, Is.EqualTo(HttpStatusCode.Accepted));
        }
    }
}
