using System.Net;
using System.Text;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Api;

/// <summary>However a body is sent: what is there is read, and nothing that can't be read passes for nothing.</summary>
public sealed class When_bodies_are_sent : WorldFixture
{
    private static readonly string[] Verbs =
    [
        "approve",
        "reject",
        "edit",
        "review",
        "renew",
        "rotate",
        "suspend",
        "resume",
        "withdraw",
        "revoke",
    ];

    [Test]
    public async Task Should_hear_what_an_approver_says_in_chunks()
    {
        var grant = await AwaitingAsync();

        var answer = await SendAsync(
            RawHttp.Chunked($"/v1/grants/{grant}/approve", "lee@example.com", RawHttp.Chunks("""{"duration":"PT1M"}"""))
        );

        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
        Assert.That(
            await World.ScalarAsync<string>(
                "select data ->> 'duration' from lifecycle.mt_events where type = 'approval-recorded.v1' and stream_id = $1",
                grant
            ),
            Is.EqualTo("PT1M")
        );
    }

    [TestCaseSource(nameof(Verbs))]
    public async Task Should_refuse_garbage_in_chunks(string verb)
    {
        var grant = await AwaitingAsync();
        var version = await World.VersionAsync(grant);

        var answer = await SendAsync(RawHttp.Chunked($"/v1/grants/{grant}/{verb}", "lee@example.com", RawHttp.Chunks("garbage")));

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((400, "malformed")), answer.Text);
        Assert.That(await World.VersionAsync(grant), Is.EqualTo(version));
    }

    [TestCase("/v1/revocations")]
    [TestCase("/v1/revocations/preview")]
    public async Task Should_refuse_garbage_in_chunks_as_an_order(string path)
    {
        var answer = await SendAsync(RawHttp.Chunked(path, "kim@example.com", RawHttp.Chunks("garbage")));

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((400, "malformed")), answer.Text);
    }

    [TestCase("zz\r\n{}\r\n0\r\n\r\n")]
    [TestCase("5;\r\n{}\r\n0\r\n\r\n")]
    [TestCase("-1\r\n{}\r\n0\r\n\r\n")]
    [TestCase("80000000\r\n{}\r\n0\r\n\r\n")]
    [TestCase("ffffffff\r\n{}\r\n0\r\n\r\n")]
    [TestCase("100000000\r\n{}\r\n0\r\n\r\n")]
    [TestCase("fffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    public async Task Should_say_that_chunks_are_malformed(string body)
    {
        var grant = await AwaitingAsync();

        var answer = await SendAsync(RawHttp.Chunked($"/v1/grants/{grant}/approve", "lee@example.com", body));

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((400, "malformed")), answer.Text);
        Assert.That((string?)answer.Body["detail"], Does.Contain("chunks"));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.AwaitingApproval));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_refuse_what_is_too_large(bool chunked)
    {
        var grant = await AwaitingAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/grants/{grant}/approve")
        {
            Content = new StringContent(new string(' ', 300_000) + "{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Governance-Actor", "lee@example.com");
        request.Headers.TransferEncodingChunked = chunked;

        using var answer = await World.Service.Http.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"too-large\"").And.Contain("262144"));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.AwaitingApproval));
    }

    [TestCase("gzip, chunked")]
    [TestCase("gzip\r\nTransfer-Encoding: chunked")]
    [TestCase("identity, Chunked")]
    [TestCase("chunked, chunked")]
    public async Task Should_refuse_what_was_done_to_a_body_beside_its_chunks(string coding)
    {
        var grant = await AwaitingAsync();

        var answer = await SendAsync(
            RawHttp
                .Chunked($"/v1/grants/{grant}/approve", "lee@example.com", RawHttp.Chunks("{}"))
                .Replace("Transfer-Encoding: chunked", "Transfer-Encoding: " + coding, StringComparison.Ordinal)
        );

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((501, "unsupported-transfer-coding")), answer.Text);
        Assert.That((string?)answer.Body["detail"], Does.Contain("chunked"));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.AwaitingApproval));
    }

    [TestCase("Chunked")]
    [TestCase(", chunked")]
    public async Task Should_take_chunks_in_other_words(string coding)
    {
        var grant = await AwaitingAsync();

        var answer = await SendAsync(
            RawHttp
                .Chunked($"/v1/grants/{grant}/approve", "lee@example.com", RawHttp.Chunks("{}"))
                .Replace("Transfer-Encoding: chunked", "Transfer-Encoding: " + coding, StringComparison.Ordinal)
        );

        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
    }

    [Test]
    public async Task Should_take_no_body_in_no_chunks_for_none()
    {
        var grant = await AwaitingAsync();

        var answer = await SendAsync(RawHttp.Chunked($"/v1/grants/{grant}/approve", "lee@example.com", "0\r\n\r\n"));

        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
    }

    private Task<RawAnswer> SendAsync(string request) => RawHttp.SendAsync(World.Service.Http.BaseAddress!, request);

    private async Task<Guid> AwaitingAsync()
    {
        var grant = await World.RequestAsync(TestCatalog.NextActor(), TestCatalog.Writer);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Outcome.ApprovalRequired));
        return grant;
    }
}
