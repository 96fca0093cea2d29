using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;

namespace Governance.Issuance.Tests;

public sealed class When_an_operator_looks : IssuanceFixture
{
    [Test]
    public async Task Should_show_what_fails_and_why()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        var replica = await StartReplicaAsync();
        await GivenAsync();
        var failing = await Orders.CreateBindingAsync();
        await Orders.ExecuteAsync($"drop role {failing.Account}");
        await Lifecycle.AskAsync(failing, revision: 4, leases: 1, principal: "svc-billing");
        await Lifecycle.FailureAsync(4, "svc-billing");

        using var client = new HttpClient { BaseAddress = new Uri(replica.Urls.First()) };
        var holdings = (await client.GetFromJsonAsync<JsonNode>("/v1/holdings?state=failing&target=orders-db"))!["holdings"]!.AsArray();
        Assert.That(holdings, Has.Count.EqualTo(1));
        var holding = holdings[0]!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)holding["principal"], Is.EqualTo("svc-billing"));
            Assert.That((long)holding["revision"]!, Is.EqualTo(4));
            Assert.That((string?)holding["desired"], Is.EqualTo("present"));
            Assert.That((string?)holding["lastError"]!["code"], Is.EqualTo("unknown-account"));
            Assert.That((int)holding["failedAttempts"]!, Is.GreaterThan(0));
            Assert.That(holding["nextAttempt"], Is.Not.Null);
        });
        Assert.That((await client.GetFromJsonAsync<JsonNode>("/v1/holdings"))!["holdings"]!.AsArray(), Has.Count.EqualTo(2));
        Assert.That((int)(await client.GetAsync(new Uri("/v1/holdings?state=odd", UriKind.Relative))).StatusCode, Is.EqualTo(400));
        Assert.That((int)(await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode, Is.EqualTo(200));
    }
}
