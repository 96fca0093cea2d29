using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>An operator and their orders over HTTP, and grants to give them about.</summary>
internal sealed class Orders(World world)
{
    public const string Operator = "kim@example.com";
    public const string Path = "/v1/revocations";

    public async Task<JsonNode> PreviewAsync(object selector, int limit = 200)
    {
        var (status, preview) = await world.PostAsync(Path + "/preview", null, body: new { selector, limit });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), preview.ToJsonString());
        return preview;
    }

    public Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(object selector, int? confirm = null, string? key = null) =>
        world.PostAsync(
            Path,
            Operator,
            key,
            confirm is { } number
                ? new
                {
                    selector,
                    reason = "stolen",
                    confirm = number,
                }
                : new { selector, reason = "stolen" }
        );

    /// <summary>Gives an order that is not turned down.</summary>
    public async Task<Guid> GiveAsync(object selector, int? confirm = null)
    {
        var (status, order) = await PostAsync(selector, confirm);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), order.ToJsonString());
        return (Guid)order["id"]!;
    }

    public async Task<JsonNode> GetAsync(Guid order) => (await world.GetAsync($"{Path}/{order}")).Body;

    public Task<JsonNode> FinishedAsync(Guid order) =>
        Eventually.Until(() => GetAsync(order), o => (string?)o["state"] == "finished", TimeSpan.FromSeconds(60));

    /// <summary>Every grant that the order's own events name, with what the member of each says.</summary>
    public async Task<IReadOnlyDictionary<Guid, JsonNode>> GrantsOfAsync(Guid order, string type)
    {
        var (_, history) = await world.GetAsync($"{Path}/{order}/history");
        return history["events"]!
            .AsArray()
            .Where(e => (string?)e!["type"] == type)
            .SelectMany(e => e!["data"]!["grants"]!.AsArray())
            .ToDictionary(g => (Guid)g!["grantId"]!, g => g!);
    }

    public async Task<Guid> AwaitingAsync(Actor actor, string entitlement = TestCatalog.Readonly, string? principal = null)
    {
        var grant = await world.RequestAsync(actor, entitlement, principal);
        await world.SendAsync(Answers.Of(await world.Peers.QuestionAsync(grant), Outcome.ApprovalRequired));
        await world.ReachAsync(grant, GrantState.AwaitingApproval);
        return grant;
    }

    public async Task<Guid> ScheduledAsync(Actor actor, string entitlement = TestCatalog.Readonly)
    {
        var request = Requests.Of(actor, entitlement) with { NotBefore = world.Clock.GetUtcNow().AddHours(1) };
        await world.SendAsync(request);
        await world.SendAsync(Answers.Of(await world.Peers.QuestionAsync(request.GrantId), Outcome.Permit));
        await world.ReachAsync(request.GrantId, GrantState.Scheduled);
        return request.GrantId;
    }

    public async Task<Guid> RevokingAsync(Actor actor, string entitlement = TestCatalog.Readonly)
    {
        var grant = await world.ActiveAsync(actor, entitlement);
        await world.CommandAsync(grant, "revoke", Operator);
        await world.ReachAsync(grant, GrantState.Revoking);
        return grant;
    }

    public async Task<Guid> RevokeFailedAsync(Actor actor, string entitlement = TestCatalog.Readonly)
    {
        var grant = await RevokingAsync(actor, entitlement);
        await FailAsync(actor.First);
        await world.ReachAsync(grant, GrantState.RevokeFailed);
        return grant;
    }

    /// <summary>The target does not do what it was asked for last.</summary>
    public async Task FailAsync(string principal)
    {
        var revision = (await world.RevisionsAsync(principal))[^1];
        await world.SendAsync(Answers.Failed(await world.Peers.HoldingAsync(principal, revision), world.Clock.Now()));
    }
}
