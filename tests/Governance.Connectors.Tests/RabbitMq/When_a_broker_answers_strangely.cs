using System.Collections.Concurrent;
using Governance.Connectors.RabbitMq;
using Governance.Contracts.Lifecycle;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Connectors.Tests.RabbitMq;

public sealed class When_a_broker_answers_strangely
{
    private const string Privilege = "orders?read=.*";

    private readonly ConcurrentQueue<string> _asked = new();
    private WebApplication _server = null!;
    private RabbitMqConnector _connector = null!;
    private FakeTimeProvider _clock = null!;
    private Func<HttpContext, Task> _answer = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _asked.Clear();
        _clock = new FakeTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.Run(context =>
        {
            _asked.Enqueue(context.Request.Method + " " + context.Request.Path);
            return _answer(context);
        });
        await _server.StartAsync();
        _connector = new RabbitMqConnector(
            new ConnectorSettings
            {
                Target = "orders-broker",
                ConnectionString = $"Url={_server.Urls.Single()};AllowHttp=true;Username=suite;Password=hunter2",
                Concurrency = 4,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
            _clock
        );
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _connector.DisposeAsync();
        await _server.DisposeAsync();
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Should_never_follow_it_elsewhere(int status)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        Assert.That((await ReadAsync()).Code, Is.EqualTo(ConnectorErrors.Refused));
        Assert.That((await FailAsync(wanted: true)).Code, Is.EqualTo(ConnectorErrors.Refused));
        Assert.That(_asked, Has.None.Contains("elsewhere"));
    }

    [TestCase("<html>Welcome</html>")]
    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"user":"svc","vhost":"orders","configure":null,"write":"","read":".*"}""")]
    [TestCase("""{"user":"somebody","vhost":"orders","configure":"^$","write":"^$","read":".*"}""")]
    [TestCase("""{"user":"svc","vhost":"elsewhere","configure":"^$","write":"^$","read":".*"}""")]
    public async Task Should_believe_nothing_that_no_broker_says(string body)
    {
        _answer = context => WriteAsync(context, body);
        Assert.That((await ReadAsync()).Code, Is.EqualTo(ConnectorErrors.Error));
        Assert.That((await FailAsync(wanted: false)).Code, Is.EqualTo(ConnectorErrors.Error));
        Assert.That(_asked, Has.None.StartsWith("DELETE"));
    }

    [Test]
    public async Task Should_not_read_on_for_ever()
    {
        _answer = async context =>
        {
            var spaces = new byte[65536];
            Array.Fill(spaces, (byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(spaces, context.RequestAborted);
            }
        };
        var failure = await ReadAsync();
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Error, false)));
    }

    [TestCase(500)]
    [TestCase(503)]
    public async Task Should_not_know_whether_it_was_done_when_the_broker_is_in_trouble(int status)
    {
        _answer = context => StatusAsync(context, HttpMethods.IsPut(context.Request.Method) ? status : 404);
        var failure = await FailAsync(wanted: true);
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Unreachable, true)));
    }

    [TestCase(404, true)]
    [TestCase(200, false)]
    public async Task Should_look_again_when_the_broker_stumbles_over_a_removal(int second, bool gone)
    {
        const string row = """{"user":"svc","vhost":"orders","configure":"^$","write":"^$","read":".*"}""";
        var removed = false;
        _answer = context =>
        {
            var isConnections = context.Request.Path.StartsWithSegments("/api/connections", StringComparison.Ordinal);
            var isRemoval = HttpMethods.IsDelete(context.Request.Method);
            removed |= isRemoval;
            return isConnections ? WriteAsync(context, "[]")
                : isRemoval ? StatusAsync(context, 500)
                : removed && second == 404 ? StatusAsync(context, 404)
                : WriteAsync(context, row);
        };
        if (gone)
        {
            await ApplyAsync(wanted: false);
        }
        else
        {
            var failure = await FailAsync(wanted: false);
            Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Unreachable, true)));
        }
    }

    [Test]
    public async Task Should_change_nothing_when_the_time_ends_while_it_looks()
    {
        _answer = context =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return StatusAsync(context, 404);
        };
        var failure = await FailAsync(wanted: true);
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Timeout, false)));
        Assert.That(_asked, Has.None.StartsWith("PUT"));
    }

    private static Task StatusAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task WriteAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private Task<ApplyResult> ApplyAsync(bool wanted) =>
        _connector.ApplyAsync(
            new DesiredHolding
            {
                Holder = Guid.NewGuid(),
                Account = "svc",
                Privilege = Privilege,
                Revision = 1,
                Leases = wanted ? [new Lease(Guid.NewGuid(), _clock.GetUtcNow().AddHours(1))] : [],
            },
            AttemptDeadline.After(_clock, TimeSpan.FromSeconds(30)),
            CancellationToken.None
        );

    private Task<ConnectorException> FailAsync(bool wanted) => GuardAsync(() => ApplyAsync(wanted));

    private Task<ConnectorException> ReadAsync() => GuardAsync(() => _connector.ReadAsync("svc", Privilege, CancellationToken.None));

    private static async Task<ConnectorException> GuardAsync(Func<Task> call)
    {
        var failure = (await Assert.ThrowsAsync<ConnectorException>(() => call()))!;
        Assert.That(failure.ToString(), Does.Not.Contain("hunter2").And.Not.Contain("127.0.0.1"));
        return failure;
    }
}
