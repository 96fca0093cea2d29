using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Connectors.Tests.Http;
using Governance.Connectors.Webhook;
using Governance.Targets.Http;
using Governance.Targets.Webhook;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Governance.Connectors.Tests.Http.Harness;

namespace Governance.Connectors.Tests.Webhook;

public sealed class WebhookConnector_Specs
{
    private const string NewSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    private WebhookServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await WebhookServer.StartAsync();
        _server.CreateAccount("exporter");
        _server.CreatePrivilege("ledger");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }

    [Test]
    public void Should_sign_as_the_standard_does()
    {
        Assert.That(WebhookSignature.TryReadSecret(WebhookServer.Secret, out var secret), Is.True);
        using var request = new HttpRequestMessage();
        new WebhookSignature([secret]).Sign(
            request,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            DateTimeOffset.FromUnixTimeSeconds(1614265330),
            "{\"test\": 2432232314}"u8
        );
        Assert.That(
            request.Headers.GetValues("webhook-signature"),
            Is.EqualTo(new[] { "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" })
        );
    }

    [TestCase(WebhookServer.Secret)]
    [TestCase(NewSecret)]
    public async Task Should_be_verified_by_either_secret_while_they_are_changed(string known)
    {
        _server.Verifier = new WebhookVerifier(TimeProvider.System, known);
        await using var connector = Connect(secrets: NewSecret + " " + WebhookServer.Secret);
        await connector.ApplyAsync("exporter", "ledger", wanted: true);
        Assert.That((await connector.ReadAsync("exporter", "ledger")).Direct, Is.True);
    }

    [Test]
    public async Task Should_be_refused_with_a_secret_that_the_receiver_does_not_know()
    {
        await using var connector = Connect(secrets: NewSecret);
        Assert.That((await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true))).Code, Is.EqualTo("refused"));
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("refused"));
        Assert.That(_server.Complaints, Has.Count.EqualTo(2).And.All.EndsWith("another signature"));
        _server.Forgive();
    }

    // That the receiver of these tests does refuse is what the other tests rest on.
    [TestCase("body", "another signature")]
    [TestCase("id", "another signature")]
    [TestCase("time", "another signature")]
    [TestCase("late", "not of this time")]
    [TestCase("early", "not of this time")]
    [TestCase("again", "a replay")]
    public async Task Should_be_found_out_when_somebody_forges(string what, string complaint)
    {
        using var client = new HttpClient();
        var payload = "{\"type\":\"governance.holding.list.v1\",\"timestamp\":\"2026-11-24T12:00:00.000Z\",\"data\":{}}";
        var offset =
            what == "late" ? -301
            : what == "early" ? 301
            : 0;
        WebhookSignature.TryReadSecret(WebhookServer.Secret, out var secret);
        var statuses = new List<HttpStatusCode>();
        // One for both: what comes again is the same message.
        var time = TimeProvider.System.GetUtcNow().AddSeconds(offset);
        for (var i = 0; i < (what == "again" ? 2 : 1); i++)
        {
            var sent = what == "body" ? payload.Replace("12:00", "12:01", StringComparison.Ordinal) : payload;
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                $"http://127.0.0.1:{_server.Port}/state?tenant=a%20b&payload={Uri.EscapeDataString(sent)}"
            );
            request.Headers.Accept.ParseAdd("application/json");
            new WebhookSignature([secret]).Sign(request, "msg_00000000000000000000000000000001", time, Encoding.UTF8.GetBytes(payload));
            if (what is "id" or "time")
            {
                request.Headers.Remove("webhook-" + (what == "id" ? "id" : "timestamp"));
                request.Headers.Add(
                    "webhook-" + (what == "id" ? "id" : "timestamp"),
                    what == "id" ? "msg_2" : FormattableString.Invariant($"{time.ToUnixTimeSeconds() + 1}")
                );
            }

            using var response = await client.SendAsync(request);
            statuses.Add(response.StatusCode);
        }

        Assert.That(statuses[^1], Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(statuses.SkipLast(1), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(_server.Complaints.Single(), Does.EndWith(complaint));
        _server.Forgive();
    }

    [Test]
    public async Task Should_say_what_the_published_schema_says()
    {
        await using var connector = Connect();
        var desired = Desired("exporter", "ledger", wanted: true, revision: 7);
        await connector.ApplyAsync(desired, Soon(), CancellationToken.None);
        var sent = JsonNode.Parse(_server.Requests.Single()["POST ".Length..])!;
        var lease = desired.Leases.Single();
        var expected = JsonNode.Parse(
            $$"""
            {"holder":"{{desired.Holder}}","account":"exporter","privilege":"ledger","revision":7,"wanted":true,
             "leases":[{"grant":"{{lease.GrantId}}","until":"{{Moments.ToWire(lease.Until)}}"}]}
            """
        );
        Assert.That(JsonNode.DeepEquals(sent["data"], expected), Is.True, sent.ToJsonString());
    }

    [Test]
    public async Task Should_tell_the_higher_revision_that_the_receiver_has()
    {
        await using var connector = Connect();
        await connector.ApplyAsync("exporter", "ledger", wanted: false, revision: 9);
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true, revision: 8));
        Assert.That(
            (failure.Code, failure.MayHaveHappened, failure.Message),
            Is.EqualTo(("refused", false, "The target is fenced: it has applied revision 9, which is higher than 8."))
        );
    }

    [TestCase("a-lower-one")]
    [TestCase("another-request")]
    [TestCase("nothing")]
    public async Task Should_not_call_another_conflict_a_fence(string what)
    {
        _server.Instead = async (context, _) =>
        {
            context.Response.StatusCode = 409;
            if (what != "nothing")
            {
                var id = what == "another-request" ? "msg_" + new string('0', 32) : context.Request.Headers["webhook-id"].ToString();
                var problem = WebhookServer.Problem(id, "higher-revision");
                problem["revision"] = what == "a-lower-one" ? 1 : 99;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(problem.ToJsonString());
            }

            return true;
        };
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true, revision: 5));
        Assert.That((failure.Code, failure.Message), Is.EqualTo(("refused", "The target answered 409: it does not take the request.")));
    }

    [Test]
    public async Task Should_leave_a_receiver_alone_that_is_gone()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        _server.Verifier = new WebhookVerifier(clock, WebhookServer.Secret);
        var gone = true;
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = 410;
            return Task.FromResult(gone);
        };
        var log = new RecordingLogger<WebhookConnector>();
        await using var connector = Connect("GoneFor=PT2H", clock: clock, logger: log);

        var failure = await FailureOf(ApplyAsync);
        Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo(("refused", false, false)));
        Assert.That(failure.Message, Does.Contain("410").And.Contain("120 min"));
        Assert.That(log.Events, Is.EqualTo(new[] { (LogLevel.Error, "TargetGone") }));

        gone = false;
        clock.Advance(TimeSpan.FromMinutes(119));
        Assert.That((await FailureOf(ApplyAsync)).Message, Does.Contain("another 1 min"));
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("refused"));
        Assert.That((await FailureOf(() => connector.ListAsync(null, CancellationToken.None))).Code, Is.EqualTo("refused"));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));

        clock.Advance(TimeSpan.FromMinutes(1));
        await ApplyAsync();
        Assert.That(_server.Has("exporter", "ledger"), Is.True);

        Task<ApplyResult> ApplyAsync() =>
            connector.ApplyAsync(Desired("exporter", "ledger", wanted: true), Soon(clock), CancellationToken.None);
    }

    [TestCase("90", 90)]
    [TestCase(null, 30)]
    [TestCase("99999999", 3600)]
    [TestCase("Tue, 24 Nov 2026 12:01:00 GMT", 60)]
    public async Task Should_look_again_when_the_receiver_says(string? retryAfter, int seconds)
    {
        var now = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        var clock = new FakeTimeProvider(now);
        _server.Verifier = new WebhookVerifier(clock, WebhookServer.Secret);
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = 202;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(true);
        };
        await using var connector = Connect(clock: clock);
        var result = await connector.ApplyAsync(Desired("exporter", "ledger", wanted: true), Soon(clock), CancellationToken.None);
        Assert.That(result, Is.EqualTo(new ApplyResult.Accepted(now.AddSeconds(seconds))));
    }

    [Test]
    public async Task Should_send_nothing_twice_when_asked_to_wait()
    {
        var limited = 2;
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(Interlocked.Decrement(ref limited) >= 0);
        };
        await using var connector = Connect();
        await connector.ApplyAsync("exporter", "ledger", wanted: true);
        Assert.That((_server.Has("exporter", "ledger"), _server.Requests.Count), Is.EqualTo((true, 3)));
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Should_not_follow_a_redirect(int status)
    {
        var followed = 0;
        await using var elsewhere = await KestrelServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref followed);
            return Task.CompletedTask;
        });
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://127.0.0.1:{elsewhere.Port}/";
            return Task.FromResult(true);
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true))).Code, Is.EqualTo("refused"));
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("refused"));
        Assert.That(followed, Is.Zero);
    }

    [TestCase("127.0.0.1", "")]
    [TestCase("localhost", "")]
    [TestCase("[::1]", "")]
    [TestCase("[::ffff:127.0.0.1]", "")]
    [TestCase("2130706433", "")]
    [TestCase("0x7f.1", "")]
    [TestCase("127.0.0.1", "10.0.0.0/8, 127.0.0.2/32")]
    public void Should_refuse_a_literal_address_that_is_not_allowed_before_anything_is_sent(string host, string allowed)
    {
        var networks = allowed.Length == 0 ? "" : $"AllowNetworks={allowed};";
        foreach (var key in new[] { "Url", "ReadUrl" })
        {
            var other = key == "Url" ? "" : "Url=https://receiver.example;";
            Assert.That(
                Errors($"{other}{key}=https://{host}/holdings;{networks}Secrets={WebhookServer.Secret}"),
                Is.EqualTo(
                    new[]
                    {
                        $"has a {key} whose address is not public, and which AllowNetworks does not allow: nothing would ever be sent there",
                    }
                )
            );
        }

        Assert.That(() => Connect(host: host, allowed: allowed), Throws.ArgumentException);
    }

    [TestCase("10.1.2.3", "10.1.0.0/16")]
    [TestCase("localhost", "127.0.0.0/8")]
    [TestCase("localhost", "::1/128")]
    [TestCase("[fd00:1::7]", "fd00:1::/32")]
    [TestCase("93.184.215.14", "")]
    public void Should_take_a_literal_address_that_is_allowed(string host, string allowed)
    {
        var networks = allowed.Length == 0 ? "" : $"AllowNetworks={allowed};";
        Assert.That(Errors($"Url=https://{host}/holdings;{networks}Secrets={WebhookServer.Secret}"), Is.Empty);
    }

    [TestCase("127.0.0.1", "")]
    [TestCase("::1", "")]
    [TestCase("::ffff:127.0.0.1", "")]
    [TestCase("127.0.0.1", "10.0.0.0/8, 127.0.0.2/32")]
    public async Task Should_not_connect_to_an_address_that_is_not_allowed(string address, string allowed)
    {
        const string host = "receiver.example";
        await using var connector = Connect(
            host: host,
            allowed: allowed,
            resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)])
        );
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened, failure.IsTransient), Is.EqualTo(("refused", false, false)));
        Assert.That(failure.ToString(), Does.Not.Contain(host).And.Not.Contain("127.0.0.1"));
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("refused"));
        Assert.That(_server.Requests, Is.Empty);
    }

    [Test]
    public async Task Should_check_anew_where_a_name_leads()
    {
        IPAddress[] answer = [IPAddress.Loopback];
        await using var connector = Connect(
            host: "receiver.example",
            allowed: "127.0.0.1/32",
            resolve: (host, _) => Task.FromResult(host == "receiver.example" ? answer : [])
        );
        await connector.ApplyAsync("exporter", "ledger", wanted: true);
        var asked = _server.Requests.Count;

        // The connection is gone, and the name leads elsewhere: nothing of what was checked before counts.
        answer = [IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback];
        _server.Instead = (context, _) =>
        {
            context.Response.Headers.Connection = "close";
            return Task.FromResult(false);
        };
        await connector.ReadAsync("exporter", "ledger");
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("refused"));

        answer = [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback];
        await connector.ReadAsync("exporter", "ledger");
        Assert.That(_server.Requests, Has.Count.EqualTo(asked + 2));
    }

    [Test]
    public async Task Should_send_nothing_when_it_stood_still_while_connecting()
    {
        var clock = new JumpingClock();
        await using var connector = Connect(
            host: "receiver.example",
            clock: clock,
            resolve: (_, _) =>
            {
                clock.Jump(TimeSpan.FromMinutes(1));
                return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
            }
        );
        var failure = await FailureOf(() =>
            connector.ApplyAsync(Desired("exporter", "ledger", wanted: true), Soon(clock), CancellationToken.None)
        );
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo(("timeout", false)));
        await connector.ReadAsync("exporter", "ledger");
        Assert.That(_server.Requests.Single(), Does.StartWith("GET"));
        Assert.That(_server.Has("exporter", "ledger"), Is.False);
    }

    [Test]
    public async Task Should_not_trust_a_certificate_that_nobody_vouches_for()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var asking = new CertificateRequest("CN=receiver", key, HashAlgorithmName.SHA256);
        asking.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = asking.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var asked = 0;
        await using var secure = await KestrelServer.StartAsync(
            _ =>
            {
                Interlocked.Increment(ref asked);
                return Task.CompletedTask;
            },
            listen => listen.UseHttps(certificate)
        );
        await using var connector = new WebhookConnector(
            Settings($"Url=https://127.0.0.1:{secure.Port}/;AllowNetworks=127.0.0.0/8;Secrets={WebhookServer.Secret}"),
            TimeProvider.System,
            NullLogger<WebhookConnector>.Instance
        );
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo(("unreachable", false)));
        Assert.That(asked, Is.Zero);
    }

    [TestCase("\"held\":true", "\"held\":\"true\"")]
    [TestCase("\"held\":true", "\"held\":true,\"held\":false")]
    [TestCase("\"held\":true", "\"held\":true,\"more\":1")]
    [TestCase("\"held\":true", "\"Held\":true")]
    [TestCase("\"held\":true", "\"held\":true,\"effective\":false")]
    [TestCase("\"held\":true", "\"held\":true,\"marker\":\"a\\nb\"")]
    [TestCase("\"held\":true", "\"held\":true,\"until\":\"tomorrow\"")]
    [TestCase("\"exporter\"", "\"Exporter\"")]
    [TestCase("\"ledger\"", "\"ledgers\"")]
    [TestCase("state.v1", "state.v2")]
    [TestCase("msg_", "msg-")]
    [TestCase("}", "")]
    [TestCase("{", "[{")]
    public async Task Should_conclude_nothing_from_an_answer_of_another_form(string good, string bad)
    {
        var broken = false;
        _server.Instead = async (context, _) =>
        {
            var state =
                $$"""{"type":"governance.holding.state.v1","answers":"{{context.Request.Headers["webhook-id"]}}","account":"exporter","privilege":"ledger","held":true}""";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(broken ? state.Replace(good, bad, StringComparison.Ordinal) : state);
            return true;
        };
        await using var connector = Connect();
        Assert.That((await connector.ReadAsync("exporter", "ledger")).Direct, Is.True);
        broken = true;
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("error"));
    }

    [Test]
    public async Task Should_conclude_nothing_from_an_answer_to_another_question()
    {
        string? first = null;
        _server.Instead = async (context, _) =>
        {
            first ??=
                $$"""{"type":"governance.holding.state.v1","answers":"{{context.Request.Headers["webhook-id"]}}","account":"exporter","privilege":"ledger","held":false}""";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(first);
            return true;
        };
        await using var connector = Connect();
        await connector.ReadAsync("exporter", "ledger");
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Code, Is.EqualTo("error"));
    }

    [Test]
    public async Task Should_tell_all_that_the_receiver_tells()
    {
        var schema = await WebhookServer.SchemaAsync("holding-answer");
        _server.Instead = async (context, _) =>
        {
            var state = new JsonObject
            {
                ["type"] = "governance.holding.state.v1",
                ["answers"] = context.Request.Headers["webhook-id"].ToString(),
                ["account"] = "exporter",
                ["privilege"] = "ledger",
                ["held"] = false,
                ["effective"] = true,
                ["paths"] = new JsonArray("role two", "role one"),
                ["until"] = "2026-11-24T14:00:00+01:00",
                ["marker"] = "the night shift",
            }.ToJsonString();
            Assert.That(schema.Validate(state), Is.Empty);
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(state);
            return true;
        };
        await using var connector = Connect();
        var observed = await connector.ReadAsync("exporter", "ledger");
        Assert.That((observed.Direct, observed.Effective, observed.Marker), Is.EqualTo((false, true, "the night shift")));
        Assert.That(observed.Paths, Is.EqualTo(new[] { "role one", "role two" }));
        Assert.That(observed.Until, Is.EqualTo(new DateTimeOffset(2026, 11, 24, 13, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task Should_not_go_round_in_circles_through_pages()
    {
        _server.Instead = async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $$"""{"type":"governance.holding.page.v1","answers":"{{context.Request.Headers["webhook-id"]}}","items":[],"next":"1"}"""
            );
            return true;
        };
        await using var connector = Connect();
        Assert.That((await FailureOf(() => connector.ListAllAsync())).Code, Is.EqualTo("error"));
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_stop_reading_an_answer_that_has_no_end()
    {
        _server.Instead = async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            var chunk = new byte[65536];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }

            return true;
        };
        await using var connector = Connect();
        Assert.That(
            (await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).Message,
            Is.EqualTo("The target's answer is larger than it may be.")
        );
    }

    [TestCase(400, "refused", false)]
    [TestCase(401, "refused", false)]
    [TestCase(404, "refused", false)]
    [TestCase(500, "unreachable", true)]
    [TestCase(503, "unreachable", true)]
    [TestCase(504, "timeout", true)]
    public async Task Should_tell_what_a_message_came_to(int status, string code, bool mayHaveHappened)
    {
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        await using var connector = Connect();
        var failure = await FailureOf(() => connector.ApplyAsync("exporter", "ledger", wanted: true));
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((code, mayHaveHappened)));
        Assert.That((await FailureOf(() => connector.ReadAsync("exporter", "ledger"))).MayHaveHappened, Is.False);
    }

    [Test]
    public async Task Should_keep_the_id_of_a_message_over_all_its_retries()
    {
        var order = Guid.NewGuid();
        var ids = new List<string>();
        var status = 500;
        _server.Instead = (context, _) =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
            {
                ids.Add(context.Request.Headers["webhook-id"].ToString());
                context.Response.StatusCode = status;
            }

            return Task.FromResult(HttpMethods.IsPost(context.Request.Method));
        };
        // Another process goes on where one has died.
        await using (var first = Connect())
        {
            await FailureOf(() => Send(first));
        }

        await using var connector = Connect();
        await FailureOf(() => Send(connector));
        status = 204;
        await Send(connector);
        Assert.That(ids, Is.EqualTo(new[] { ids[0], ids[0], ids[0] }));

        // What was taken and is asked for again would be passed over with an id that is known.
        await Send(connector);
        await Send(connector);
        Assert.That(ids.Distinct(StringComparer.Ordinal).ToList(), Has.Count.EqualTo(3));

        Task<ApplyResult> Send(WebhookConnector to) =>
            to.ApplyAsync(Desired("exporter", "ledger", wanted: true) with { Order = order }, Soon(), CancellationToken.None);
    }

    [TestCase("Secrets=" + WebhookServer.Secret, "lacks Url")]
    [TestCase("Url=https://receiver.example", "lacks Secrets")]
    [TestCase("Url=https://receiver.example;Secrets=hunter2hunter2", "has Secrets of which one is not whsec_ and 24 to 64 bytes in base64")]
    [TestCase("Url=https://receiver.example;Secrets=whsec_c2hvcnQ=", "has Secrets of which one is not whsec_ and 24 to 64 bytes in base64")]
    [TestCase(
        "Url=http://receiver.example;Secrets=" + WebhookServer.Secret,
        "has a Url without https, which only AllowHttp=true permits (for Development)"
    )]
    [TestCase(
        "Url=https://receiver.example;ReadUrl=http://receiver.example;Secrets=" + WebhookServer.Secret,
        "has a ReadUrl without https, which only AllowHttp=true permits (for Development)"
    )]
    [TestCase(
        "Url=https://receiver.example;AllowNetworks=10.1.2.3/8;Secrets=" + WebhookServer.Secret,
        "has AllowNetworks of which one is not a network such as 10.1.0.0/16 or fd00:1::/32"
    )]
    [TestCase(
        "Url=https://receiver.example;GoneFor=PT1S;Secrets=" + WebhookServer.Secret,
        "has a GoneFor that is not a duration from PT1M to P30D"
    )]
    [TestCase("Url=https://receiver.example;Secret=x;Secrets=" + WebhookServer.Secret, "has an unknown key 'secret'")]
    public void Should_say_what_is_wrong_with_its_settings(string connectionString, string error)
    {
        Assert.That(Errors(connectionString), Is.EqualTo(new[] { error }));
        Assert.That(
            () => new WebhookConnector(Settings(connectionString), TimeProvider.System, NullLogger<WebhookConnector>.Instance),
            Throws.ArgumentException
        );
    }

    [Test]
    public void Should_take_good_settings() =>
        Assert.That(
            Errors(
                $"Url=https://receiver.example/holdings?tenant=1;ReadUrl=https://receiver.example/state;GoneFor=P1D;AllowNetworks=10.1.0.0/16, fd00:1::/32;Secrets={NewSecret} {WebhookServer.Secret}"
            ),
            Is.Empty
        );

    [Test]
    public async Task Should_be_known_by_its_addresses_and_tell_no_secret_of_them()
    {
        async Task<string> IdentityAsync(string addresses, string secrets = WebhookServer.Secret)
        {
            await using var connector = new WebhookConnector(
                Settings($"{addresses};Secrets={secrets}"),
                TimeProvider.System,
                NullLogger<WebhookConnector>.Instance
            );
            return (await connector.PreflightAsync([], CancellationToken.None)).Identity!;
        }

        var known = await IdentityAsync("Url=https://receiver.example/t0ken/holdings?tenant=1");

        Assert.That(known, Does.Match("^webhook:https://receiver.example sha256:[0-9a-f]{16}$"));
        Assert.That(await IdentityAsync("Url=https://receiver.example/t0ken/holdings?tenant=1", NewSecret), Is.EqualTo(known));
        string[] others =
        [
            "Url=https://receiver.example/t0ken/holdings?tenant=2",
            "Url=https://receiver.example/another/holdings?tenant=1",
            "Url=https://receiver.example/t0ken/holdings?tenant=1;ReadUrl=https://receiver.example/state",
            "Url=https://receiver.example:8443/t0ken/holdings?tenant=1",
        ];
        foreach (var other in others)
        {
            Assert.That(await IdentityAsync(other), Is.Not.EqualTo(known), other);
        }
    }

    private static IEnumerable<string> Errors(string connectionString) =>
        Registrations.Of(services => services.AddWebhookConnector()).Validate(Settings(connectionString));

    private WebhookConnector Connect(
        string more = "",
        string secrets = WebhookServer.Secret,
        string host = "127.0.0.1",
        string allowed = "127.0.0.0/8",
        TimeProvider? clock = null,
        ILogger<WebhookConnector>? logger = null,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null
    )
    {
        var networks = allowed.Length == 0 ? "" : $"AllowNetworks={allowed};";
        return new WebhookConnector(
            Settings(
                $"Url=http://{host}:{_server.Port}/holdings;ReadUrl=\"http://{host}:{_server.Port}/state?tenant=a%20b\";"
                    + $"AllowHttp=true;{networks}Secrets={secrets};{more}"
            ),
            clock ?? TimeProvider.System,
            logger ?? NullLogger<WebhookConnector>.Instance,
            resolve
        );
    }

    // A process that was stopped: its time is over, and its timers have not fired yet.
    private sealed class JumpingClock : TimeProvider
    {
        private long _jumped;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _jumped);

        public void Jump(TimeSpan time) => Interlocked.Add(ref _jumped, (long)(time.TotalSeconds * TimestampFrequency));
    }
}
