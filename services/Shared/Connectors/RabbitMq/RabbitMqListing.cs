using Governance.Connectors.Http;

namespace Governance.Connectors.RabbitMq;

/// <summary>Pages over what the API gives in one piece.</summary>
internal static class RabbitMqListing
{
    private const int PageSize = 500;

    public static async Task<HoldingPage> PageAsync(
        RabbitMqApi api,
        Func<PermissionRow, ListedHolding> show,
        TimeProvider clock,
        string? pageToken,
        CancellationToken cancellationToken
    )
    {
        var after = pageToken is null ? null : PageTokens.Parse<Token>(pageToken);
        var asOf = clock.Now();
        var rows = await api.ListPermissionsAsync(cancellationToken);
        List<(ListedHolding Item, Token Token)> items =
        [
            .. rows.Select(row => (Item: show(row), row.User))
                .Select(shown => (shown.Item, Token: new Token(shown.Item.Account, shown.Item.Privilege, shown.User)))
                .Where(shown => after is null || shown.Token.IsAfter(after))
                .OrderBy(shown => shown.Token, Comparer<Token>.Create(Token.Compare))
                .Take(PageSize + 1),
        ];
        return new HoldingPage
        {
            Items = [.. items.Take(PageSize).Select(shown => shown.Item)],
            NextPageToken = items.Count > PageSize ? PageTokens.Write(items[PageSize - 1].Token) : null,
            AsOf = asOf,
        };
    }

    private sealed record Token(string Account, string Privilege, string User)
    {
        public static int Compare(Token one, Token other) =>
            string.CompareOrdinal(one.Account, other.Account) is var account && account != 0 ? account
            : string.CompareOrdinal(one.Privilege, other.Privilege) is var privilege && privilege != 0 ? privilege
            : string.CompareOrdinal(one.User, other.User);

        public bool IsAfter(Token other) => Compare(this, other) > 0;
    }
}
