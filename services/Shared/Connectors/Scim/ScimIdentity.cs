namespace Governance.Connectors.Scim;

/// <summary>Which provider answers: its base address, and what it says of itself.</summary>
/// <remarks>What it says of itself is asked for once a minute: providers limit how often they are asked.</remarks>
internal sealed class ScimIdentity(ScimProvider provider, ScimSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private volatile Known? _known;

    /// <summary>The provider says that it can't take anybody out of a group.</summary>
    public bool TakesNoPatch => _known is { Config.Patch.Supported: false };

    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        var known = _known;
        if (known is null || clock.GetElapsedTime(known.At) > KeptFor)
        {
            var at = clock.GetTimestamp();
            _known = known = new Known(await provider.ConfigAsync(cancellationToken), at);
        }

        return "scim:"
            + settings.Url.AbsoluteUri
            + (known.Config?.DocumentationUri is { Length: > 0 and < 500 } documentation ? " " + documentation : "");
    }

    private sealed record Known(ScimConfig? Config, long At);
}
