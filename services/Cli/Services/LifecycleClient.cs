using System.Globalization;
using System.Runtime.CompilerServices;

namespace Governance.Cli.Services;

/// <summary>What this program reads from Lifecycle.</summary>
internal sealed class LifecycleClient(Uri address) : IDisposable
{
    private const int DecisionsAPage = 200;
    private readonly ServiceClient _service = new(address);

    /// <summary>Every recorded decision with at least this sequence, in the order of the store.</summary>
    public async IAsyncEnumerable<RecordedDecision> DecisionsAsync(
        long since,
        Guid? grant,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        long? after = Math.Max(since - 1, 0);
        while (after is not null)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"v1/decisions?after={after}&limit={DecisionsAPage}");
            var page = Require(await _service.GetAsync<DecisionPage>(grant is null ? path : $"{path}&grant={grant}", cancellationToken));
            foreach (var decision in page.Decisions)
            {
                yield return decision;
            }

            after = page.Next;
        }
    }

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

    public void Dispose() => _service.Dispose();

    private T Require<T>(T? page)
        where T : class =>
        page ?? throw new CommandException(ExitCodes.Unreachable, $"{address} is no Lifecycle of this version: it has no such resource.");

    private sealed record DecisionPage(IReadOnlyList<RecordedDecision> Decisions, long? Next = null);

    private sealed record GrantPage(IReadOnlyList<GrantId> Grants, string? Next = null);

    private sealed record GrantId(Guid Id);
}
