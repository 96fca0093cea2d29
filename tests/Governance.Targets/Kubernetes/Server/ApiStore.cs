using System.Text.Json.Nodes;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>Keys and all versions of their values, as etcd has them: one revision counts every change of the store.</summary>
internal sealed class ApiStore
{
    private readonly SortedDictionary<string, List<(long Revision, JsonObject? Value)>> _values = new(StringComparer.Ordinal);

    public long Revision { get; private set; } = 1;

    /// <summary>Versions from before this revision are forgotten.</summary>
    public long Compacted { get; private set; }

    public JsonObject? Find(string key) => _values.TryGetValue(key, out var versions) ? versions[^1].Value : null;

    public void Write(string key, JsonObject? value)
    {
        Revision++;
        if (value is not null)
        {
            ((JsonObject)value["metadata"]!)["resourceVersion"] = Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (!_values.TryGetValue(key, out var versions))
        {
            _values[key] = versions = [];
        }

        versions.Add((Revision, value));
    }

    public void Compact()
    {
        Revision++;
        Compacted = Revision;
    }

    /// <summary>What stood under a prefix at a revision, in the order of the keys.</summary>
    public IEnumerable<(string Key, JsonObject Value)> At(string prefix, long revision) =>
        from pair in _values
        where pair.Key.StartsWith(prefix, StringComparison.Ordinal)
        let value = pair.Value.LastOrDefault(version => version.Revision <= revision).Value
        where value is not null
        select (pair.Key, value);

    public IEnumerable<JsonObject> Now(string prefix) => At(prefix, Revision).Select(pair => pair.Value);
}
