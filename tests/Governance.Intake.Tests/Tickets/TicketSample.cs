using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;

namespace Governance.Intake.Tests.Tickets;

/// <summary>A good change of a ticket, and ways to spoil it.</summary>
internal static class TicketSample
{
    public static JsonObject Event(string id = "RITM0012345:9") =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = Sample.Source,
            ["type"] = "governance.ticket.changed.v1",
            ["subject"] = "RITM0012345",
            ["time"] = "2026-11-23T11:59:59Z",
            ["datacontenttype"] = "application/json",
            ["data"] = Data(),
        };

    public static JsonObject Data() =>
        new()
        {
            ["system"] = "servicenow",
            ["key"] = "RITM0012345",
            ["state"] = "Closed Complete",
            ["closed"] = true,
            ["changedAt"] = "2026-11-23T11:59:30Z",
            ["assignee"] = "omar@example.com",
            ["configurationItem"] = "orders-db-01",
            ["changeWindow"] = Sample.Window(),
            ["url"] = "https://itsm.example.com/RITM0012345",
        };

    public static JsonObject With(string path, JsonNode? value) => Sample.Set(Event(), path, value);

    public static JsonObject Without(string path) => Sample.Remove(Event(), path);
}
