using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;

namespace Governance.Contracts.Tests;

/// <summary>What another version of the suite, or a service that restarts with messages in its queue, relies on.</summary>
public sealed class The_form_of_messages
{
    private const string Folder = "messages";
    private static readonly Growth Members = new(Vocabularies.All);
    private Wire _wire = null!;

    public static IEnumerable<TestCaseData> All() =>
        Messages.All.Select(m => new TestCaseData(m).SetArgDisplayNames(Messages.EntityName(m)));

    [OneTimeSetUp]
    public async Task StartAsync() => _wire = await Wire.StartAsync(Messages.All);

    [OneTimeTearDown]
    public async Task StopAsync() => await _wire.DisposeAsync();

    [TestCaseSource(nameof(All))]
    public async Task Should_only_grow(Type message)
    {
        var name = Messages.EntityName(message);
        var envelope = await _wire.PublishAsync(Sample.Of(message), name);

        Golden.AssertGrown(Folder, name, Form(name, envelope), Members);
    }

    /// <summary>Also a form of long ago: a process of an older version may have sent it, or it may have waited in a queue.</summary>
    [TestCaseSource(nameof(All))]
    public async Task Should_be_read_by_the_types_of_today(Type message)
    {
        var name = Messages.EntityName(message);
        foreach (var form in Golden.Forms(Folder, name))
        {
            var read = await _wire.ConsumeAsync(
                new JsonObject { ["messageType"] = form["messageType"]!.DeepClone(), ["message"] = form["message"]!.DeepClone() },
                message
            );

            Assert.That(
                new Growth([]).Losses(form["message"]!, JsonSerializer.SerializeToNode(read, message, WireJson.Options)!),
                Is.Empty
            );
        }
    }

    [Test]
    public void Should_be_kept_for_every_message_and_no_other() =>
        Assert.That(Golden.Names(Folder), Is.EquivalentTo(Messages.All.Select(Messages.EntityName)));

    [TestCase(Folder)]
    [TestCase("names")]
    public void Should_be_numbered_without_gaps(string folder) => Assert.That(Golden.Unreached(folder), Is.Empty);

    [TestCaseSource(nameof(All))]
    public void Should_not_be_named_after_types(Type message)
    {
        foreach (var form in Golden.Forms(Folder, Messages.EntityName(message)))
        {
            Assert.That(
                form.ToJsonString(),
                Does.Not.Contain(message.Namespace!).And.Not.Contain("Governance.Contracts").And.Not.Contain(message.Name + "\"")
            );
        }
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

        Golden.AssertGrown("names", "faults", today, Members);
    }

    [Test]
    public void Should_have_the_words_of_every_enumeration()
    {
        var today = new JsonObject();
        foreach (var (name, words) in Vocabularies.OfContracts)
        {
            today[name] = new JsonArray([.. words.Select(w => (JsonNode)w)]);
        }

        Golden.AssertGrown("names", "enumerations", today, new Growth([], wordsMayCome: true));
    }

    private static JsonObject Form(string name, JsonNode envelope) =>
        new()
        {
            ["exchange"] = name,
            ["messageType"] = envelope["messageType"]!.DeepClone(),
            ["message"] = envelope["message"]!.DeepClone(),
        };
}
