using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Cli.Services;

namespace Governance.Cli.Replay;

/// <summary>Bundles by digest, from the Policy service; each is fetched once and believed only if it is what its digest names.</summary>
internal sealed class BundleSource(Uri address, CedarEngine engine) : IDisposable
{
    private readonly ServiceClient _service = new(address);
    private readonly Dictionary<string, (PolicyBundle? Bundle, string Problem)> _known = new(StringComparer.Ordinal);

    public int Count => _known.Count;

    /// <summary>The bundle, or why there is none.</summary>
    public async Task<(PolicyBundle? Bundle, string Problem)> GetAsync(string digest, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(digest, out var found))
        {
            found = await FetchAsync(digest, cancellationToken);
            _known.Add(digest, found);
        }

        return found;
    }

    public void Dispose() => _service.Dispose();

    private async Task<(PolicyBundle? Bundle, string Problem)> FetchAsync(string digest, CancellationToken cancellationToken)
    {
        if (await _service.TextAsync("v1/bundles/" + Uri.EscapeDataString(digest), cancellationToken) is not { } content)
        {
            return (null, "not stored at Policy");
        }

        if (CanonicalJson.Digest(content) is var actual && actual != digest)
        {
            return (null, $"what Policy stores under this digest has the digest {actual}");
        }

        var result = PolicyBundle.FromCanonicalJson(engine, content);
        return (result.Bundle, string.Join("; ", result.Faults));
    }
}
