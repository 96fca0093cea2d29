using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Text.Json;
using Governance.Contracts.Decisions;
using Governance.Files;

namespace Governance.Cedar.Bundles;

/// <summary>
/// Policies and the schema they were validated under: what a decision is made with. Immutable, named by the SHA-256 of its canonical
/// content (RFC 8785 JSON of <c>{"policies":{id:text},"schema":text}</c>), and re-creatable from that content alone.
/// </summary>
public sealed class PolicyBundle
{
    private readonly ConcurrentDictionary<(string Action, bool Gates), CedarPolicySet> _sets = new();
    private readonly bool _ownSchema;

    internal PolicyBundle(string schema, IEnumerable<PolicyDefinition> policies)
    {
        var byId = policies.ToDictionary(policy => policy.Id, StringComparer.Ordinal);
        Policies = new ReadOnlyDictionary<string, PolicyDefinition>(byId);
        Schema = schema;
        SchemaDigest = Governance.CanonicalJson.Digest(schema);
        _ownSchema = string.Equals(schema, GovernanceSchema.Text, StringComparison.Ordinal);
        CanonicalJson = Governance.CanonicalJson.Serialize(
            new Content(byId.ToDictionary(policy => policy.Key, policy => policy.Value.Text, StringComparer.Ordinal), schema),
            WireJson.Options
        );
        Digest = Governance.CanonicalJson.Digest(CanonicalJson);
        Named = byId.Values.SelectMany(policy => policy.Named).ToHashSet();
    }

    /// <summary>The bundle's name: <c>sha256:&lt;hex&gt;</c> of <see cref="CanonicalJson"/>.</summary>
    public string Digest { get; }

    /// <summary><c>sha256:&lt;hex&gt;</c> of the schema's text.</summary>
    public string SchemaDigest { get; }

    /// <summary>The schema in Cedar's own syntax.</summary>
    public string Schema { get; }

    /// <summary>The whole content: store it, and <see cref="FromCanonicalJson"/> gives the same bundle again.</summary>
    public string CanonicalJson { get; }

    /// <summary>The policies by <c>@id</c>.</summary>
    public IReadOnlyDictionary<string, PolicyDefinition> Policies { get; }

    /// <summary>The entities that conditions of policies name.</summary>
    internal IReadOnlySet<CedarUid> Named { get; }

    /// <summary>
    /// Every policy that can apply to an action: the others can't make a difference, and the engine copies what it is asked with. Under a
    /// schema of somebody else's making every policy, since only in the suite's own is it known which actions form a group.
    /// </summary>
    /// <param name="action">Its name.</param>
    /// <param name="gates">Without gates it tells whether approval could help at all.</param>
    internal CedarPolicySet For(string action, bool gates) =>
        _sets.GetOrAdd(
            (action, gates),
            key => Set(Policies.Values.Where(policy => (key.Gates || !policy.IsGate) && CanApply(policy, key.Action)))
        );

    /// <summary>The permits among the policies that can apply to an action, in ordinal order of their ids.</summary>
    internal IEnumerable<PolicyDefinition> PermitsFor(string action) =>
        Policies
            .Values.Where(policy => policy.Effect == PolicyEffect.Permit && CanApply(policy, action))
            .OrderBy(policy => policy.Id, StringComparer.Ordinal);

    /// <summary>What of a directory is a bundle, for whoever watches one.</summary>
    public static DirectoryRules Rules => BundleDirectory.Rules;

    /// <summary>
    /// Loads a directory: every <c>*.cedar</c> file directly in it, and the one <c>*.cedarschema</c> file if there is one, else the
    /// suite's own schema. Whatever can't be read is a fault, and so is what looks like a policy and is none of these: in a subdirectory,
    /// or under another name.
    /// </summary>
    public static PolicyBundleResult LoadDirectory(CedarEngine engine, string directory) =>
        FromDirectory(engine, DirectoryReader.Read(directory, Rules));

    /// <summary>Makes a bundle of a directory that was read by <see cref="Rules"/>.</summary>
    public static PolicyBundleResult FromDirectory(CedarEngine engine, DirectoryContent content)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(content);
        return BundleDirectory.Load(engine, content);
    }

    /// <summary>Makes a bundle of files that were read elsewhere.</summary>
    /// <param name="engine">Parses and validates.</param>
    /// <param name="files">The policies.</param>
    /// <param name="schema">The schema in Cedar's own syntax; null for the suite's own.</param>
    public static PolicyBundleResult FromFiles(CedarEngine engine, IEnumerable<PolicyFile> files, string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(files);
        var builder = new BundleBuilder(engine);
        foreach (var file in files)
        {
            builder.AddFile(file);
        }

        return builder.Build(
            new SourceText(GovernanceSchema.FileName, PolicyFile.NormaliseLineEnds(schema ?? GovernanceSchema.Text)),
            "bundle"
        );
    }

    /// <summary>
    /// Re-creates a bundle from <see cref="CanonicalJson"/>, also if a database has reformatted it. All checks are made again; compare
    /// <see cref="Digest"/> with the one that was asked for.
    /// </summary>
    public static PolicyBundleResult FromCanonicalJson(CedarEngine engine, string json)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(json);
        const string Name = "stored bundle";
        var builder = new BundleBuilder(engine, bounded: false);
        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(json, WireJson.Strict) ?? throw new JsonException("The document is null.");
            if (content.Schema is null || content.Policies is null || content.Policies.Values.Any(text => text is null))
            {
                throw new JsonException("The schema or a policy is missing.");
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or ArgumentException)
        {
            // Also half a character, which no text that was stored can have.
            return new PolicyBundleResult([new BundleFault(Name, null, null, null, $"not the content of a bundle: {failure.Message}")]);
        }

        foreach (var (id, text) in content.Policies.OrderBy(policy => policy.Key, StringComparer.Ordinal))
        {
            builder.AddPolicy(new SourceText($"{Name}/{id}", text), 0, text);
        }

        var result = builder.Build(new SourceText(GovernanceSchema.FileName, content.Schema), Name);
        return result.IsAccepted && !result.Bundle.Policies.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(content.Policies.Keys)
            ? new PolicyBundleResult([new BundleFault(Name, null, null, null, "a policy is stored under another id than its @id")])
            : result;
    }

    private bool CanApply(PolicyDefinition policy, string action) => policy.Scope is not { } scope || !_ownSchema || scope.Covers(action);

    private CedarPolicySet Set(IEnumerable<PolicyDefinition> policies) =>
        CedarPolicySet.FromParsed(
            policies.ToDictionary(policy => policy.Id, policy => (policy.Text, policy.Json), StringComparer.Ordinal),
            Schema
        );

    private sealed record Content(IReadOnlyDictionary<string, string> Policies, string Schema);
}
