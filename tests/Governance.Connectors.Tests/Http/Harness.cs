using Governance.Contracts.Lifecycle;

namespace Governance.Connectors.Tests.Http;

internal static class Harness
{
    public static ConnectorSettings Settings(string connectionString) =>
        new()
        {
            Target = "a-target",
            ConnectionString = connectionString,
            Concurrency = 4,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };

    public static DesiredHolding Desired(string account, string privilege, bool wanted, long revision = 1) =>
        new()
        {
            Holder = new Guid("0d5c4d0e-7f0b-4d5a-9a80-0d3f5b1f3c11"),
            Account = account,
            Privilege = privilege,
            Revision = revision,
            Leases = wanted ? [new Lease(Guid.CreateVersion7(), Moments.Now(TimeProvider.System).AddHours(1))] : [],
        };

    public static AttemptDeadline Soon(TimeProvider? clock = null) =>
        AttemptDeadline.After(clock ?? TimeProvider.System, TimeSpan.FromSeconds(10));

    public static Task<ApplyResult> ApplyAsync(
        this IConnector connector,
        string account,
        string privilege,
        bool wanted,
        long revision = 1
    ) => connector.ApplyAsync(Desired(account, privilege, wanted, revision), Soon(), CancellationToken.None);

    public static Task<ObservedHolding> ReadAsync(this IConnector connector, string account, string privilege) =>
        connector.ReadAsync(account, privilege, CancellationToken.None);

    public static async Task<(IReadOnlyList<ListedHolding> Items, int Pages)> ListAllAsync(this IConnector connector)
    {
        List<ListedHolding> items = [];
        var pages = 0;
        string? token = null;
        do
        {
            var page = await connector.ListAsync(token, CancellationToken.None);
            items.AddRange(page.Items);
            token = page.NextPageToken;
            pages++;
        } while (token is not null);

        return (items, pages);
    }

    /// <summary>What a call that must fail throws.</summary>
    public static async Task<ConnectorException> FailureOf(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (ConnectorException e)
        {
            return e;
        }

        throw new AssertionException("It did not fail.");
    }
}
