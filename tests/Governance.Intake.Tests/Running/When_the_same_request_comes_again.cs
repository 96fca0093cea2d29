using System.Net;
using System.Text.Json.Nodes;
using Governance.Intake.Requests;
using Governance.Intake.Tests.Requests;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Intake.Tests.Running;

public sealed class When_the_same_request_comes_again : WithARunningIntake
{
    [Test]
    [Repeat(5)]
    public async Task Should_make_one_stream_of_ten_at_once_over_both_doors()
    {
        var id = Guid.NewGuid().ToString();
        var body = Sample.Bytes(Sample.Event(id));
        var before = await _surroundings.CountEventsAsync("request-received");

        var published = Enumerable.Range(0, 5).Select(_ => _client.PublishAsync(body)).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PostAsync(body)));
        await Task.WhenAll(published);
        await _surroundings.UntilSettledAsync();

        Assert.That(
            answers.Select(a => a.Body["id"]!.GetValue<Guid>()),
            Has.All.EqualTo(NameBasedUuid.ForRequest(Sample.Source, id, null))
        );
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.LessThanOrEqualTo(1));
        Assert.That(
            answers.Select(a => a.Status == HttpStatusCode.OK),
            Is.EqualTo(answers.Select(a => a.Body["duplicate"]!.GetValue<bool>()))
        );
        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.EqualTo(before + 1));
        Assert.That(await _client.TakeRequestedAsync(1), Has.Count.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
        Assert.That(await _surroundings.CountEventsAsync("request-refused"), Is.Zero);
    }

    [Test]
    public async Task Should_recognise_it_in_other_words()
    {
        Assert.That((await PostAsync(Sample.Bytes(Sample.Event()))).Status, Is.EqualTo(HttpStatusCode.Accepted));
        var again = Sample.With("data.duration", "PT60M");
        again["time"] = "2026-11-23T12:30:00Z";
        again["myextension"] = "new";
        ((JsonObject)again["data"]!).Remove("notBefore");
        again["data"]!["ticket"]!["state"] = "Approved";

        Assert.That((await PostAsync(Sample.Bytes(again))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_answer_it_after_the_personal_text_was_erased()
    {
        var body = Sample.Bytes(Sample.Event());
        await PostAsync(body);
        await using (var session = _intake.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            session.DeleteWhere<RequestText>(t => t.Text != "");
            await session.SaveChangesAsync();
        }

        Assert.That((await PostAsync(body)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PostAsync(Sample.Bytes(Sample.With("data.duration", "PT2H")))).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Should_answer_it_while_lifecycle_is_away()
    {
        var body = Sample.Bytes(Sample.Event());
        await PostAsync(body);
        await _surroundings.Catalog.StopAsync();

        Assert.That((await PostAsync(body)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_refuse_its_id_with_another_body_over_http()
    {
        await PostAsync(Sample.Bytes(Sample.Event()));

        var (status, problem) = await PostAsync(Sample.Bytes(Sample.With("data.duration", "PT2H")));

        Assert.That((status, problem["code"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.Conflict, "id-reused")));
    }

    [TestCase("data.onBehalfOf")]
    [TestCase("data.recipientKey")]
    [TestCase("data.ticket.assignee")]
    [TestCase("data.ticket.configurationItem")]
    [TestCase("data.ticket.changeWindow")]
    public async Task Should_be_another_one_without_any_member(string member)
    {
        var full = Sample.Bytes(Sample.Full());
        Assert.That((await PostAsync(full)).Status, Is.EqualTo(HttpStatusCode.Accepted));

        Assert.That((await PostAsync(full)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PostAsync(Sample.Bytes(Sample.Remove(Sample.Full(), member)))).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Should_keep_personal_text_out_of_the_events()
    {
        await PostAsync(Sample.Bytes(Sample.Event()));

        var stored = (await _surroundings.ReadEventsAsync("request-received")).Single();

        Assert.That(stored, Does.Not.Contain("month-end").And.Not.Contain("dana@").And.Not.Contain("omar@"));
        var told = (await _client.TakeRequestedAsync(1)).Single();
        Assert.That(told["justification"]!.GetValue<string>(), Is.EqualTo("month-end report"));
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(byte[] body) => _intake.PostAsync("/v1/requests", body);
}
