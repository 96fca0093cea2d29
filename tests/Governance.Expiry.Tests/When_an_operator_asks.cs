using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_an_operator_asks
{
    private World _world = null!;
    private Replica _replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _replica = await _world.StartReplicaAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_show_the_deadlines_of_a_grant()
    {
        var grant = Guid.NewGuid();
        var due = Moments.Truncate(DateTimeOffset.UtcNow.AddHours(1));
        await _world.Lifecycle.SetAsync(grant, due, revision: 3);
        await _world.Lifecycle.CancelAsync(grant, revision: 4, "start");
        await Eventually.Until(
            () => _world.ScalarAsync<long>("select count(*) from expiry.deadlines where grant_id = $1", grant),
            Is.EqualTo(2)
        );

        var body = await _replica.Http.GetFromJsonAsync<JsonElement>(new Uri($"/v1/deadlines?grant={grant}", UriKind.Relative));
        var deadlines = body.GetProperty("deadlines").EnumerateArray().ToArray();

        Assert.That(deadlines, Has.Length.EqualTo(2));
        Assert.That(deadlines[0].GetProperty("kind").GetString(), Is.EqualTo("expiry"));
        Assert.That(deadlines[0].GetProperty("state").GetString(), Is.EqualTo("armed"));
        Assert.That(deadlines[0].GetProperty("revision").GetInt64(), Is.EqualTo(3));
        Assert.That(deadlines[0].GetProperty("due").GetString(), Is.EqualTo(Moments.ToWire(due)));
        Assert.That(deadlines[1].GetProperty("state").GetString(), Is.EqualTo("cancelled"));
        Assert.That(deadlines[1].TryGetProperty("due", out _), Is.False);
    }

    [TestCase("")]
    [TestCase("?grant=none")]
    public async Task Should_refuse_what_is_no_grant(string query)
    {
        var response = await _replica.Http.GetAsync(new Uri("/v1/deadlines" + query, UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
    }
}
