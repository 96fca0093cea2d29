using System.Text;
using System.Text.Json.Nodes;
using Governance.Testing;
using NJsonSchema;

namespace Governance.Intake.Tests.Requests;

/// <summary>The published schema says what the door does, as far as a schema can.</summary>
public sealed class When_the_schema_judges
{
    private JsonSchema _requests = null!;

    [OneTimeSetUp]
    public async Task ReadSchemaAsync() =>
        _requests = await JsonSchema.FromFileAsync(RepositoryRoot.File("contracts", "schemas", "access-requested.v1.schema.json"));

    private static IEnumerable<BadMessage> Expressible => BadMessages.All().Where(m => !m.Beyond && m.Body.Length < 1024 * 1024);

    [TestCaseSource(typeof(GoodMessages), nameof(GoodMessages.All))]
    public void Should_accept_what_is_taken(string name, JsonObject message)
    {
        Assert.That(_requests.Validate(message.ToJsonString()), Is.Empty, name);
    }

    [TestCaseSource(nameof(Expressible))]
    public void Should_refuse_what_is_refused(object message)
    {
        Assert.That(_requests.Validate(Encoding.UTF8.GetString(((BadMessage)message).Body)), Is.Not.Empty);
    }

    [Test]
    public async Task Should_describe_the_decision_stream()
    {
        var schema = await JsonSchema.FromFileAsync(RepositoryRoot.File("contracts", "schemas", "decision-stream.v1.schema.json"));
        var good = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "4f2c7c0e-0c1b-5b43-8a55-0d6a2b1d9f10",
            ["source"] = "urn:governance:local",
            ["type"] = "governance.grant.activated.v1",
            ["subject"] = "9a7e1f7c-55a1-5c3c-a1bf-6a1de4d6c2a4",
            ["time"] = "2026-11-23T12:00:01.123Z",
            ["datacontenttype"] = "application/json",
            ["sequence"] = "42",
            ["prevsequence"] = "40",
            ["tenant"] = "local",
            ["data"] = new JsonObject(),
        };
        Assert.That(schema.Validate(good.ToJsonString()), Is.Empty);

        foreach (
            var (name, value) in new (string, JsonNode?)[]
            {
                ("type", "governance.grant.unheard-of.v1"),
                ("sequence", 42),
                ("prevsequence", null),
                ("time", "2026-11-23T12:00:01+01:00"),
                ("data", "{}"),
            }
        )
        {
            var bad = (JsonObject)good.DeepClone();
            bad[name] = value;
            Assert.That(schema.Validate(bad.ToJsonString()), Is.Not.Empty, name);
        }
    }
}
