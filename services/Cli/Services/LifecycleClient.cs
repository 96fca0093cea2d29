using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Governance.Cli.Services;

/// <summary>What this program reads from Lifecycle.</summary>
internal sealed class LifecycleClient(Uri address, string? actor = null) : IDisposable
{
    private const int DecisionsAPage = 200;
    private const int GrantsAPage = 200;
    private readonly ServiceClient _service = new(address, actor);

    /// <summary>Every recorded decision with at least this sequence, in the order of the store.</summary>
    public async IAsyncEnumerable<RecordedDecision> DecisionsAsync(
        long since,
        Guid? grant,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        DateTimeOffset? from = null
    )
    {
        var filters = (grant is null ? "" : $"&grant={grant}") + (from is { } time ? $"&from={Moments.ToWire(time)}" : "");
        long? after = Math.Max(since - 1, 0);
        while (after is not null)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"v1/decisions?after={after}&limit={DecisionsAPage}");
            var page = Require(await _service.GetAsync<DecisionPage>(path + filters, cancellationToken));
            foreach (var decision in page.Decisions)
            {
                yield return decision;
            }

            after = page.Next;
        }
    }

    /// <summary>The sequence of the last decision of all; null while there is none.</summary>
    public async Task<long?> LastDecisionAsync(CancellationToken cancellationToken) =>
        Require(
            await _service.GetAsync<DecisionPage>(
                string.Create(CultureInfo.InvariantCulture, $"v1/decisions?after={long.MaxValue}&limit=1"),
                cancellationToken
            )
        ).Last;

    /// <summary>What decisions are made with now.</summary>
    public async Task<InForce> InForceAsync(CancellationToken cancellationToken) =>
        Require(await _service.GetAsync<InForce>("v1/in-force", cancellationToken));

    /// <summary>The ids of the grants that give access now.</summary>
    public async Task<IReadOnlySet<Guid>> ActiveGrantsAsync(CancellationToken cancellationToken)
    {
        var ids = new HashSet<Guid>();
        string? cursor = null;
        do
        {
            var page = Require(
                await _service.GetAsync<GrantPage>(
                    "v1/grants?state=active&limit=200" + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)),
                    cancellationToken
                )
            );
            ids.UnionWith(page.Grants.Select(grant => grant.Id));
            cursor = page.Next;
        } while (cursor is not null);

        return ids;
    }

    /// <summary>Grants as Lifecycle describes them, the newest first.</summary>
    /// <param name="filters">Members of the query; null for those that are not asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<JsonElement> GrantsAsync(
        IReadOnlyDictionary<string, string?> filters,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var query = string.Concat(filters.Where(f => f.Value is not null).Select(f => $"&{f.Key}={Uri.EscapeDataString(f.Value!)}"));
        string? cursor = null;
        do
        {
            var page = Require(
                await _service.GetAsync<GrantDocuments>(
                    string.Create(CultureInfo.InvariantCulture, $"v1/grants?limit={GrantsAPage}{query}")
                        + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)),
                    cancellationToken
                )
            );
            foreach (var grant in page.Grants)
            {
                yield return grant;
            }

            cursor = page.Next;
        } while (cursor is not null);
    }

    /// <summary>A grant as Lifecycle describes it; null if there is none.</summary>
    public async Task<JsonElement?> GrantAsync(Guid id, CancellationToken cancellationToken) =>
        (await _service.GetAsync<JsonDocument>($"v1/grants/{id}", cancellationToken))?.RootElement;

    /// <summary>What people wrote about a grant; null if there is none.</summary>
    public async Task<JsonElement?> TextsAsync(Guid id, CancellationToken cancellationToken) =>
        (await _service.GetAsync<JsonDocument>($"v1/grants/{id}/texts", cancellationToken))?.RootElement;

    /// <summary>What an order would hit.</summary>
    public async Task<JsonElement> PreviewAsync(object preview, CancellationToken cancellationToken) =>
        (await _service.PostAsync<JsonDocument>("v1/revocations/preview", preview, cancellationToken)).RootElement;

    /// <summary>Orders access away.</summary>
    public async Task<JsonElement> RevokeAsync(object order, string? key, CancellationToken cancellationToken) =>
        (await _service.PostAsync<JsonDocument>("v1/revocations", order, cancellationToken, key)).RootElement;

    /// <summary>How far an order is.</summary>
    public async Task<JsonElement> RevocationAsync(Guid id, CancellationToken cancellationToken) =>
        Require(await _service.GetAsync<JsonDocument>($"v1/revocations/{id}", cancellationToken)).RootElement;

    /// <summary>Which catalog is in force, and which one waits.</summary>
    public async Task<JsonElement> CatalogAsync(CancellationToken cancellationToken) =>
        Require(await _service.GetAsync<JsonDocument>("v1/catalog", cancellationToken)).RootElement;

    /// <summary>Says that a held catalog is meant.</summary>
    public async Task<JsonElement> AcceptCatalogAsync(string digest, string reason, CancellationToken cancellationToken) =>
        (
            await _service.PostAsync<JsonDocument>(
                $"v1/catalogs/{Uri.EscapeDataString(digest)}/accept",
                new { Reason = reason },
                cancellationToken
            )
        ).RootElement;

    /// <summary>The latest sweeps.</summary>
    public async Task<JsonElement> SweepsAsync(CancellationToken cancellationToken) =>
        Require(await _service.GetAsync<JsonDocument>("v1/sweeps", cancellationToken)).RootElement;

    /// <summary>Says that what a held sweep forbids shall go.</summary>
    /// <returns>False when there is no such sweep.</returns>
    public Task<bool> ConfirmSweepAsync(Guid sweep, CancellationToken cancellationToken) =>
        _service.OrderAsync($"v1/sweeps/{sweep}/confirm", document: null, cancellationToken);

    /// <summary>Whether access came and went as soon as is promised.</summary>
    public async Task<JsonElement> SloAsync(string since, CancellationToken cancellationToken) =>
        Require(await _service.GetAsync<JsonDocument>("v1/slo?since=" + Uri.EscapeDataString(since), cancellationToken)).RootElement;

    /// <summary>Accepts who answers at a target now.</summary>
    public async Task AcceptTargetAsync(string target, string? identity, string reason, CancellationToken cancellationToken)
    {
        if (!await _service.OrderAsync($"v1/targets/{Uri.EscapeDataString(target)}/accept", new { identity, reason }, cancellationToken))
        {
            throw new CommandException(ExitCodes.Failure, $"the catalog in force has no target '{target}'.");
        }
    }

    /// <summary>Has tried now what a grant waits for.</summary>
    /// <returns>False when there is no such grant.</returns>
    public Task<bool> RetryGrantAsync(Guid grant, CancellationToken cancellationToken) =>
        _service.OrderAsync($"v1/grants/{grant}/retry", document: null, cancellationToken);

    /// <summary>Has tried now what waits at a target.</summary>
    /// <returns>False when there is no such target.</returns>
    public Task<bool> RetryTargetAsync(string target, CancellationToken cancellationToken) =>
        _service.OrderAsync($"v1/targets/{Uri.EscapeDataString(target)}/retry", document: null, cancellationToken);

    public void Dispose() => _service.Dispose();

    private T Require<T>(T? page)
        where T : class =>
        page ?? throw new CommandException(ExitCodes.Unreachable, $"{address} is no Lifecycle of this version: it has no such resource.");

    private sealed record DecisionPage(IReadOnlyList<RecordedDecision> Decisions, long? Next = null, long? Last = null);

    private sealed record GrantDocuments(IReadOnlyList<JsonElement> Grants, string? Next = null);

    private sealed record GrantPage(IReadOnlyList<GrantId> Grants, string? Next = null);

    private sealed record GrantId(Guid Id);
}
