using System.Text.Json;

namespace Governance.Cedar.Bundles;

/// <summary>The actions that a policy names in its scope.</summary>
internal sealed class ActionScope
{
    /// <summary>The actions by which a grantee comes to hold something or goes on holding it.</summary>
    private static readonly string[] Giving = ["issue", "renew", "retain", "hold", "breakGlass"];

    /// <summary>The actions in the group <c>hold</c>.</summary>
    private static readonly string[] Held = ["issue", "renew", "retain"];

    private static readonly string[] Gateable = ["issue", "renew"];

    private const string ActionType = "Governance::Action";

    private readonly IReadOnlyList<string>? _names;

    private ActionScope(IReadOnlyList<string>? names) => _names = names;

    /// <summary>True when the policy can apply to an action that gives something, also because it names no action at all.</summary>
    public bool Gives => _names is null || _names.Any(name => Giving.Contains(name, StringComparer.Ordinal));

    /// <summary>True when it names issue or renew and nothing else.</summary>
    public bool IsGateable => _names is { Count: > 0 } && _names.All(name => Gateable.Contains(name, StringComparer.Ordinal));

    /// <summary>Whether the policy can apply to an action.</summary>
    public bool Covers(string action) =>
        _names is null
        || _names.Contains(action, StringComparer.Ordinal)
        || (_names.Contains("hold", StringComparer.Ordinal) && Held.Contains(action, StringComparer.Ordinal));

    public static ActionScope Read(JsonElement policy)
    {
        var scope = policy.GetProperty("action");
        if (scope.GetProperty("op").ValueEquals("All"))
        {
            return new ActionScope(null);
        }

        return scope.TryGetProperty("entity", out var entity)
            ? new ActionScope([Name(entity)])
            : new ActionScope([.. scope.GetProperty("entities").EnumerateArray().Select(Name)]);
    }

    private static string Name(JsonElement uid)
    {
        var value = uid.TryGetProperty("__entity", out var entity) ? entity : uid;
        var id = value.GetProperty("id").GetString()!;
        return value.GetProperty("type").ValueEquals(ActionType) ? id : $"{value.GetProperty("type").GetString()}::{id}";
    }
}
