using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>Policies that were written anew, and what they ask of a request.</summary>
/// <param name="Name">What the engine knows them by. Not two have the same.</param>
/// <param name="Slot">Where an instance of the engine keeps them; what was there before goes. Null for a place of their own.</param>
/// <param name="Json">The policies.</param>
/// <param name="Terms">What the flat context answers, each with the name of its member.</param>
/// <param name="Climbed">The entities whose parents have to be there.</param>
internal sealed record ProjectedPolicies(
    string Name,
    string? Slot,
    string Json,
    IReadOnlyList<(JsonEncodedText Name, Term Term)> Terms,
    IReadOnlyList<Term> Climbed
)
{
    private const int Slots = 256;

    private static int _made;

    /// <summary>Null if one of them can't be written anew.</summary>
    public static ProjectedPolicies? Of(IEnumerable<KeyValuePair<string, JsonElement>> policies, bool few)
    {
        var projector = new PolicyProjector();
        var written = new List<(string Id, string Policy)>();
        foreach (var (id, policy) in policies)
        {
            if (projector.Write(policy) is not { } anew)
            {
                return null;
            }

            written.Add((id, anew));
        }

        var number = Interlocked.Increment(ref _made);
        return new ProjectedPolicies(
            string.Create(CultureInfo.InvariantCulture, $"projected-{number}"),
            few ? string.Create(CultureInfo.InvariantCulture, $"slot-{number % Slots}") : null,
            CedarJson.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("staticPolicies");
                foreach (var (id, policy) in written.OrderBy(one => one.Id, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(id);
                    writer.WriteRawValue(policy);
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }),
            [.. projector.Terms.Select((term, number) => (JsonEncodedText.Encode(PolicyProjector.NameOf(number)), term))],
            [.. projector.Climbed]
        );
    }
}

/// <summary>
/// The policies of a set that can apply to one action. Those that name a single resource in their scope are asked only about that one: about
/// any other they say nothing, and the engine copies what it is asked with. Where there are many they are asked by themselves, since all
/// the others can't be kept once more for each resource; else together with the others.
/// </summary>
internal sealed class Projection
{
    private const int Many = 16;

    private readonly Dictionary<CedarUid, ProjectedPolicies[]> _ofResource;
    private readonly ProjectedPolicies[] _ofAnyOther;

    private Projection(
        SchemaShape schema,
        ActionShape action,
        ProjectedPolicies general,
        Dictionary<CedarUid, ProjectedPolicies[]> ofResource
    )
    {
        Schema = schema;
        Action = action;
        _ofAnyOther = [general];
        _ofResource = ofResource;
    }

    public SchemaShape Schema { get; }

    public ActionShape Action { get; }

    /// <summary>All that have to be asked about a resource. What they answer together is what all would have answered at once.</summary>
    public IReadOnlyList<ProjectedPolicies> About(CedarUid resource) => _ofResource.GetValueOrDefault(resource, _ofAnyOther);

    /// <summary>Null if a policy can't be written anew.</summary>
    public static Projection? Of(IReadOnlyDictionary<string, JsonElement> policies, SchemaShape schema, ActionShape action)
    {
        var applying = policies.Where(policy => AppliesTo(policy.Value, action)).ToList();
        var byResource = applying.Where(policy => ResourceOf(policy.Value) is not null).ToList();
        var others = applying.Except(byResource).ToList();
        if (ProjectedPolicies.Of(others, few: false) is not { } general)
        {
            return null;
        }

        var ofResource = new Dictionary<CedarUid, ProjectedPolicies[]>();
        foreach (var same in byResource.GroupBy(policy => ResourceOf(policy.Value)!))
        {
            if (ProjectedPolicies.Of(applying.Count > Many ? same : same.Concat(others), few: true) is not { } own)
            {
                return null;
            }

            ofResource.Add(same.Key, applying.Count > Many ? [general, own] : [own]);
        }

        return new Projection(schema, action, general, ofResource);
    }

    private static bool AppliesTo(JsonElement policy, ActionShape action)
    {
        var scope = policy.GetProperty("action");
        var isOrIsIn = (JsonElement entity) => PolicyProjector.Uid(entity) is { } uid && (uid == action.Uid || action.Above.Contains(uid));
        return scope.GetProperty("op").GetString() switch
        {
            "All" => true,
            "==" => PolicyProjector.Uid(scope.GetProperty("entity")) == action.Uid,
            "in" when scope.TryGetProperty("entity", out var entity) => isOrIsIn(entity),
            "in" => scope.GetProperty("entities").EnumerateArray().Any(isOrIsIn),
            _ => throw new NotSupportedException("No such scope is known here."),
        };
    }

    private static CedarUid? ResourceOf(JsonElement policy)
    {
        var scope = policy.GetProperty("resource");
        return scope.GetProperty("op").ValueEquals("==") ? PolicyProjector.Uid(scope.GetProperty("entity")) : null;
    }
}

/// <summary>The projections of a policy set, each made when it is needed first.</summary>
internal sealed class Projections(Func<CedarEngine, (SchemaShape Schema, IReadOnlyDictionary<string, JsonElement> Policies)?> read)
{
    private readonly ConcurrentDictionary<CedarUid, Projection?> _byAction = new();
    private readonly Lock _reading = new();
    private (SchemaShape Schema, IReadOnlyDictionary<string, JsonElement> Policies)? _content;
    private volatile bool _isRead;

    /// <summary>Null if there is none: the schema or a policy has something that is not known here, or there is no such action.</summary>
    public Projection? For(CedarEngine engine, CedarUid action)
    {
        if (_byAction.TryGetValue(action, out var made))
        {
            return made;
        }

        lock (_reading)
        {
            if (!_isRead)
            {
                _content = Read(engine);
                _isRead = true;
            }

            if (_content is not { } content || !content.Schema.Actions.TryGetValue(action, out var shape))
            {
                return null;
            }

            return _byAction.GetOrAdd(action, _ => Make(content, shape));
        }
    }

    /// <summary>Has a projection that the engine does not take never tried again.</summary>
    public void GiveUp(CedarUid action) => _byAction[action] = null;

    // What can't be taken apart can still be asked as it is.
    private (SchemaShape Schema, IReadOnlyDictionary<string, JsonElement> Policies)? Read(CedarEngine engine)
    {
        try
        {
            return read(engine);
        }
        catch (Exception failure) when (failure is CedarEngineException or CallRefusedException or JsonException)
        {
            return null;
        }
    }

    private static Projection? Make((SchemaShape Schema, IReadOnlyDictionary<string, JsonElement> Policies) content, ActionShape action)
    {
        try
        {
            return Projection.Of(content.Policies, content.Schema, action);
        }
        catch (Exception failure) when (failure is NotSupportedException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
