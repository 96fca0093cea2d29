using Governance.Contracts;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Texts;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>Reads what people wrote about a grant, for those who decide on it.</summary>
public sealed class GrantTextReader(IDocumentStore store, Catalogs catalogs)
{
    /// <summary>The texts in the order in which they were written; null where there is no such grant, false where they are not for the caller.</summary>
    internal async Task<(bool Found, IReadOnlyList<TextView>? Texts)> ReadAsync(
        Guid grantId,
        ActorRef reader,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        if (await session.LoadAsync<Grant>(grantId, cancellationToken) is not { } grant)
        {
            return (false, null);
        }

        if (await catalogs.InForceAsync(session, cancellationToken) is not { } catalog || !Votes.MayRead(catalog, grant, reader))
        {
            return (true, null);
        }

        var written = (await session.Events.FetchStreamAsync(grantId, token: cancellationToken))
            .Select(e => WrittenText.Of(e.Data))
            .OfType<WrittenText>()
            .Where(text => !string.IsNullOrEmpty(text.Digest))
            .DistinctBy(text => text.Digest, StringComparer.Ordinal)
            .ToList();
        var kept = (await session.LoadManyAsync<PersonalText>(cancellationToken, [.. written.Select(text => text.Digest!)])).ToDictionary(
            text => text.Id,
            text => text.Text,
            StringComparer.Ordinal
        );
        return (
            true,
            [
                .. written.Select(text => new TextView
                {
                    Kind = text.Kind,
                    By = catalog.NameOf(text.By),
                    At = text.At,
                    Digest = text.Digest!,
                    Text = kept.GetValueOrDefault(text.Digest!),
                    Erased = kept.ContainsKey(text.Digest!) ? null : true,
                }),
            ]
        );
    }
}

/// <summary>What somebody wrote.</summary>
public sealed record TextView
{
    public required string Kind { get; init; }
    public required string By { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>The salted digest by which the history refers to it.</summary>
    public required string Digest { get; init; }

    /// <summary>The words; null where they were erased.</summary>
    public string? Text { get; init; }
    public bool? Erased { get; init; }
}
