namespace Governance.Cedar;

/// <summary>The name of an entity: its type with namespace, and its id.</summary>
/// <param name="Type">For example <c>Governance::Human</c>.</param>
/// <param name="Id">Any text; compared exactly.</param>
public sealed record CedarUid(string Type, string Id)
{
    /// <summary>As Cedar writes it: <c>Governance::Human::"0a1b"</c>.</summary>
    public override string ToString() => $"{Type}::{System.Text.Json.JsonSerializer.Serialize(Id)}";
}
