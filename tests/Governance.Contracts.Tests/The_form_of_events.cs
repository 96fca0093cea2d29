using System.Text;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Governance.Contracts.Tests;

/// <summary>Evidence is read for years: what a store holds today must be read by every later version.</summary>
[TestFixture("lifecycle")]
[TestFixture("intake")]
public sealed class The_form_of_events(string service)
{
    private WebApplication _app = null!;
    private IReadOnlyDictionary<Type, string> _names = null!;

    private IDocumentStore Store => _app.Services.GetRequiredService<IDocumentStore>();

    private string Folder => Path.Combine("events", service);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _app = await Stores.StartAsync(service);
        _names = Stores.Names(Store);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    [Test]
    public void Should_only_grow() =>
        Assert.Multiple(() =>
        {
            foreach (var (type, name) in _names)
            {
                Golden.AssertGrown(Folder, name, Form(name, Sample.Of(type)), new Growth(Vocabularies.All));
            }
        });

    [Test]
    public void Should_be_read_by_the_types_of_today() =>
        Assert.Multiple(() =>
        {
            foreach (var (type, name) in _names)
            {
                foreach (var form in Golden.Forms(Folder, name))
                {
                    using var stored = new MemoryStream(Encoding.UTF8.GetBytes(form["data"]!.ToJsonString()));
                    var read = Form(name, Store.Options.Serializer().FromJson(type, stored));
                    Assert.That(new Growth([]).Losses(form, read), Is.Empty, name);
                }
            }
        });

    [Test]
    public void Should_be_kept_for_every_event_and_no_other() => Assert.That(Golden.Names(Folder), Is.EquivalentTo(_names.Values));

    [Test]
    public void Should_be_numbered_without_gaps() => Assert.That(Golden.Unreached(Folder), Is.Empty);

    [Test]
    public void Should_be_known_for_every_event_that_an_aggregate_applies()
    {
        var applied = Store
            .Options.Events.AllKnownEventTypes()
            .Select(e => e.EventType)
            .Where(t => t.Assembly.GetName().Name == "Governance." + char.ToUpperInvariant(service[0]) + service[1..]);
        Assert.That(_names.Keys, Is.SupersetOf(applied));
        Assert.That(_names.Values, Is.Unique);
    }

    [Test]
    public void Should_not_be_named_after_types() =>
        Assert.Multiple(() =>
        {
            foreach (var (type, name) in _names)
            {
                foreach (var form in Golden.Forms(Folder, name))
                {
                    Assert.That(form.ToJsonString(), Does.Not.Contain(type.Namespace!).And.Not.Contain("Governance."));
                }
            }
        });

    [Test]
    public async Task Should_be_read_back_from_aStore_whose_types_were_called_otherwise()
    {
        var stream = Guid.NewGuid();
        object[] events = [.. _names.Keys.Select(Sample.Of)];
        await using (var session = Store.LightweightSession())
        {
            session.Events.StartStream(stream, events);
            await session.SaveChangesAsync();
        }

        await using (
            var rename = _app
                .Services.GetRequiredService<NpgsqlDataSource>()
                .CreateCommand(
                    $"update {service}.mt_events set mt_dotnet_type = 'Old.Name.' || id || ', Old.Assembly' where stream_id = $1"
                )
        )
        {
            rename.Parameters.Add(new() { Value = stream });
            Assert.That(await rename.ExecuteNonQueryAsync(), Is.EqualTo(events.Length));
        }

        await using var reader = Store.QuerySession();
        var read = await reader.Events.FetchStreamAsync(stream);

        Assert.That(
            read.Select(e => Form(e.EventTypeName, e.Data).ToJsonString()),
            Is.EqualTo(events.Select(e => Form(_names[e.GetType()], e).ToJsonString()))
        );
    }

    private JsonObject Form(string name, object data) =>
        new() { ["type"] = name, ["data"] = JsonNode.Parse(Store.Options.Serializer().ToJson(data)) };
}
