using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Intake.Reading;
using Governance.Intake.Requests;

namespace Governance.Intake.Tests.Requests;

public sealed class When_messages_are_mutated
{
    private static readonly Damage Damage = new([() => Sample.Event(), () => Sample.Full()], Judge);

    [Test]
    public void Should_survive_any_bytes() => Assert.That(Damage.ToBytes(50_000), Is.GreaterThan(1_000));

    [Test]
    public void Should_never_take_a_member_of_the_wrong_type() => Assert.That(Damage.ToMembers(30_000), Is.GreaterThan(100));

    private static bool Judge(MessageParser parser, byte[] body)
    {
        var parsed = parser.ParseEvent(body);
        Assert.That(parsed.Message is null, Is.EqualTo(parsed.Refusal is not null));
        if (parsed.Request() is not { } request)
        {
            return false;
        }

        AssertIsWhatItSays(body, request);
        return true;
    }

    // Independent of the parser: what was taken has these types.
    private static void AssertIsWhatItSays(byte[] body, AccessRequest request)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        var data = root.GetProperty("data");
        Assert.That(root.GetProperty("specversion").GetString(), Is.EqualTo("1.0"));
        Assert.That(root.GetProperty("type").GetString(), Is.EqualTo("governance.access.requested.v1"));
        Assert.That(root.GetProperty("id").GetString(), Is.EqualTo(request.Id));
        Assert.That(data.GetProperty("principal").GetString(), Is.EqualTo(request.Principal).And.Not.Empty);
        Assert.That(data.GetProperty("entitlement").GetString(), Is.EqualTo(request.Entitlement).And.Not.Empty);
        Assert.That(data.GetProperty("requester").GetString(), Is.EqualTo(request.Requester).And.Not.Empty);
        Assert.That(data.GetProperty("duration").ValueKind, Is.EqualTo(JsonValueKind.String));
        Assert.That(request.Duration, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromDays(366)));
        Assert.That(
            data.EnumerateObject().Select(m => m.Name),
            Is.Unique.And.SubsetOf(((JsonObject)Sample.Full()["data"]!).Select(m => m.Key))
        );
        Assert.That(
            !data.TryGetProperty("emergency", out var emergency) || emergency.ValueKind is JsonValueKind.True or JsonValueKind.False
        );
        Assert.That(!data.TryGetProperty("approvals", out var approvals) || approvals.ValueKind == JsonValueKind.Array);
        Assert.That(!data.TryGetProperty("ticket", out var ticket) || ticket.ValueKind is JsonValueKind.Null or JsonValueKind.Object);
        Assert.That(request.OnBehalfOf, Is.Null.Or.Unique.And.Not.Empty.And.No.Member(request.Principal));
        Assert.That(request.Ticket?.ChangeWindow is not { } window || window.End > window.Start);
        Assert.That(!request.Emergency || request.Ticket is { System.Length: > 0, Key.Length: > 0 });
        Assert.That(
            root.EnumerateObject().Where(m => m.Name is not "data").Select(m => m.Value.ValueKind),
            Has.None.EqualTo(JsonValueKind.Object).And.None.EqualTo(JsonValueKind.Array)
        );
    }
}
