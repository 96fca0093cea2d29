using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;

namespace Governance.Contracts.Tests;

/// <summary>What another version of the suite, or a service that restarts with messages in its queue, relies on.</summary>
public sealed class The_form_of_messages
{
    private const string Folder = "messages";
    private Wire _wire = null!;

    public static IEnumerable<TestCaseData> All() =>
        Messages.All.Select(m => new TestCaseData(m).SetArgDisplayNames(Messages.EntityName(m)));

    [OneTimeSetUp]
    public async Task StartAsync() => _wire = await Wire.StartAsync(Messages.All);

    [OneTimeTearDown]
    public async Task StopAsync() => await _wire.DisposeAsync();

    [TestCaseSource(nameof(All))]
    public async Task Should_never_change(Type message)
    {
        var name = Messages.EntityName(message);
        var envelope = await _wire.PublishAsync(Sample.Of(message), name);

        var today = Form(name, envelope);
        Golden.AssertSame(today, Golden.Read(Folder, name, today));
    }

    [TestCaseSource(nameof(All))]
    public async Task Should_be_read_by_the_types_of_today(Type message)
    {
        var name = Messages.EntityName(message);
        var sample = Sample.Of(message);
        var golden = Golden.Read(Folder, name, Form(name, await _wire.PublishAsync(sample, name)));

        var read = await _wire.ConsumeAsync(
            new JsonObject { ["messageType"] = golden["messageType"]!.DeepClone(), ["message"] = golden["message"]!.DeepClone() },
            message
        );

        Assert.That(
            JsonSerializer.Serialize(read, message, WireJson.Options),
            Is.EqualTo(JsonSerializer.Serialize(sample, message, WireJson.Options))
        );
    }

    [Test]
    public void Should_be_kept_for_every_message_and_no_other() =>
        Assert.That(Golden.Names(Folder), Is.EquivalentTo(Messages.All.Select(Messages.EntityName)));

    [TestCaseSource(nameof(All))]
    public void Should_not_be_named_after_types(Type message)
    {
        var text = Golden.Read(Folder, Messages.EntityName(message), new JsonObject()).ToJsonString();

        Assert.That(
            text,
            Does.Not.Contain(message.Namespace!).And.Not.Contain("Governance.Contracts").And.Not.Contain(message.Name + "\"")
        );
    }

    /// <summary>
    /// The bus names a fault after the C# type of its message, whatever attributes that has: renaming one would lose the faults that are
    /// under way, which the re-drive then makes good. So it must at least not happen unnoticed.
    /// </summary>
    [Test]
    public void Should_name_faults_as_ever()
    {
        var today = new JsonObject();
        foreach (var message in Messages.All)
        {
            today[Messages.EntityName(message)] = MessageUrn.ForTypeString(typeof(Fault<>).MakeGenericType(message));
        }

        Golden.AssertSame(today, Golden.Read("names", "faults", today));
    }

    [Test]
    public void Should_have_the_words_of_every_enumeration()
    {
        var today = new JsonObject();
        foreach (var type in typeof(ActorRef).Assembly.GetExportedTypes().Where(t => t.IsEnum).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            today[type.Name] = new JsonArray([
                .. Enum.GetValues(type).Cast<object>().Select(v => (JsonNode)JsonSerializer.SerializeToNode(v, type, WireJson.Options)!),
            ]);
        }

        Golden.AssertSame(today, Golden.Read("names", "enumerations", today));
    }

    private static JsonObject Form(string name, JsonNode envelope) =>
        new()
        {
            ["exchange"] = name,
            ["messageType"] = envelope["messageType"]!.DeepClone(),
            ["message"] = envelope["message"]!.DeepClone(),
        };
}
