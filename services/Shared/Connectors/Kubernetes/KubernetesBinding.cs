using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Contracts.Lifecycle;

namespace Governance.Connectors.Kubernetes;

/// <summary>A RoleBinding or ClusterRoleBinding. Kept as the server wrote it, so that nothing is lost when it is written back.</summary>
internal sealed class KubernetesBinding(JsonObject json)
{
    public const string StateLabel = "governance/state";
    public const string Ended = "ended";

    private const string Given = "given";
    private const string RevisionAnnotation = "governance/revision";
    private const string GrantsAnnotation = "governance/grants";
    private const string EndedAtAnnotation = "governance/ended-at";

    // All annotations of an object may have 256 KiB; a grant takes about 90 bytes.
    private const int MaxGrants = 500;

    public JsonObject Json => json;

    public string Name => Metadata.Text("name") ?? "";

    public string? Namespace => Metadata.Text("namespace") is { Length: > 0 } space ? space : null;

    public string RoleKind => json["roleRef"].Text("kind") ?? "";

    public string RoleName => json["roleRef"].Text("name") ?? "";

    public IEnumerable<JsonObject> Subjects => (json["subjects"] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>The revision that the suite applied last; 0 when there is none that can be read.</summary>
    public long Revision =>
        long.TryParse(Metadata["annotations"].Text(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : 0;

    /// <summary>When, on the server's clock, the suite took the subject out (UTC); null when it is in or that can't be read.</summary>
    public DateTimeOffset? EndedAt =>
        Metadata["labels"].Text(StateLabel) == Ended
        && !Subjects.Any()
        && DateTimeOffset.TryParseExact(
            Metadata["annotations"].Text(EndedAtAnnotation),
            "O",
            CultureInfo.InvariantCulture,
            DateTimeStyles.RoundtripKind,
            out var at
        )
            ? at
            : null;

    public override string ToString() => (Namespace is null ? "clusterrolebinding/" : "rolebinding/") + Name;

    private JsonObject Metadata => json["metadata"] as JsonObject ?? [];

    /// <summary>The name of a holding's own binding.</summary>
    public static string NameOf(DesiredHolding desired)
    {
        var key = $"{desired.Holder:D}\n{desired.Account}\n{desired.Privilege}";
        return "governance-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
    }

    /// <summary>The binding that a holding wants: with its subject, or with none and a time as what keeps older attempts out.</summary>
    public static JsonObject Wanted(
        DesiredHolding desired,
        KubernetesSubject subject,
        KubernetesPrivilege privilege,
        DateTimeOffset? serverTime
    )
    {
        var metadata = new JsonObject { ["name"] = NameOf(desired) };
        if (privilege.Namespace is { } space)
        {
            metadata["namespace"] = space;
        }

        metadata["labels"] = new JsonObject
        {
            ["app.kubernetes.io/managed-by"] = "governance",
            ["governance/holder"] = desired.Holder.ToString("D"),
            [StateLabel] = desired.Wanted ? Given : Ended,
        };
        var annotations = new JsonObject { [RevisionAnnotation] = desired.Revision.ToString(CultureInfo.InvariantCulture) };
        if (desired.Wanted)
        {
            annotations[GrantsAnnotation] = Grants(desired.Leases);
        }
        else if (serverTime is { } at)
        {
            annotations[EndedAtAnnotation] = at.ToString("O", CultureInfo.InvariantCulture);
        }

        metadata["annotations"] = annotations;
        var binding = new JsonObject
        {
            ["apiVersion"] = KubernetesPrivilege.Group + "/v1",
            ["kind"] = privilege.BindingKind,
            ["metadata"] = metadata,
            ["roleRef"] = privilege.ToRoleRef(),
        };
        if (desired.Wanted)
        {
            binding["subjects"] = new JsonArray(subject.ToJson());
        }

        return binding;
    }

    /// <summary>Whether this is what <see cref="Wanted"/> made, whatever else the server or others wrote beside it.</summary>
    public bool Is(JsonObject wanted) =>
        JsonNode.DeepEquals(new JsonArray([.. Subjects.Select(subject => subject.DeepClone())]), wanted["subjects"] ?? new JsonArray())
        && Has("labels", wanted)
        && Has("annotations", wanted);

    /// <summary>This binding with what is wanted; the server takes it only if nobody has changed it since.</summary>
    public JsonObject Becoming(JsonObject wanted)
    {
        var next = (JsonObject)json.DeepClone();
        next["apiVersion"] = wanted["apiVersion"]!.DeepClone();
        next["kind"] = wanted["kind"]!.DeepClone();
        next.Remove("subjects");
        if (wanted["subjects"] is { } subjects)
        {
            next["subjects"] = subjects.DeepClone();
        }

        var metadata = (JsonObject)next["metadata"]!;
        foreach (var part in new[] { "labels", "annotations" })
        {
            var kept = metadata[part] as JsonObject ?? [];
            kept.Remove(GrantsAnnotation);
            kept.Remove(EndedAtAnnotation);
            foreach (var (name, value) in (JsonObject)wanted["metadata"]![part]!)
            {
                kept[name] = value!.DeepClone();
            }

            metadata.Remove(part);
            metadata[part] = kept;
        }

        return next;
    }

    /// <summary>This binding, of whatever maker, without an account; the server takes it only if nobody has changed it since.</summary>
    public JsonObject Without(KubernetesSubject account, KubernetesPrivilege privilege)
    {
        var next = (JsonObject)json.DeepClone();
        // Items of a list come without them.
        next["apiVersion"] = KubernetesPrivilege.Group + "/v1";
        next["kind"] = privilege.BindingKind;
        next["subjects"] = new JsonArray([
            .. Subjects
                .Where(subject => KubernetesSubject.AccountOf(subject, Namespace) != account.Account)
                .Select(subject => subject.DeepClone()),
        ]);
        return next;
    }

    public bool Names(KubernetesSubject account) =>
        Subjects.Any(subject => KubernetesSubject.AccountOf(subject, Namespace) == account.Account);

    /// <summary>Says to the server: this one, as it is now, and no other.</summary>
    public JsonObject Preconditions() =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = new JsonObject
            {
                ["uid"] = Metadata["uid"]?.DeepClone(),
                ["resourceVersion"] = Metadata["resourceVersion"]?.DeepClone(),
            },
        };

    private bool Has(string part, JsonObject wanted) =>
        ((JsonObject)wanted["metadata"]![part]!)
            .Where(pair => pair.Key != EndedAtAnnotation)
            .All(pair => JsonNode.DeepEquals(Metadata[part]?[pair.Key], pair.Value));

    private static string Grants(IReadOnlyList<Lease> leases) =>
        new JsonArray([
            .. leases
                .OrderByDescending(lease => lease.Until)
                .ThenBy(lease => lease.GrantId)
                .Take(MaxGrants)
                .Select(lease => new JsonObject
                {
                    ["grant"] = lease.GrantId.ToString("D"),
                    ["until"] = lease.Until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                }),
        ]).ToJsonString();
}
