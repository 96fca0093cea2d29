using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Catalogs;

public sealed class When_the_catalog_changes
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_be_taken_up_when_it_is_valid_and_refused_loudly_when_not()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.RequestAsync(actor);
        var before = await InForceAsync();
        Assert.That(before, Is.EqualTo(CatalogLoader.Load(_world.Catalog).Digest));

        await ChangeAsync("maxDuration: PT8H", "maxDuration: never");
        await Eventually.Until(() => Task.FromResult(_world.Service.Log.Of("CatalogRefused")), Is.Not.Empty);
        Assert.That(await InForceAsync(), Is.EqualTo(before), "the old one stays");

        await ChangeAsync("maxDuration: never", "maxDuration: PT30M");
        await Eventually.Until(InForceAsync, Is.Not.EqualTo(before));
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(grant), Outcome.Permit));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Evaluating), "decided from another catalog");
        var facts = Answers.FactsOf(await _world.Peers.QuestionAsync(grant, 2));
        Assert.That(facts.Catalog, Is.EqualTo(await InForceAsync()));
        Assert.That(facts.Entitlements.Single(e => e.Id == TestCatalog.Readonly).MaxDuration, Is.EqualTo(TimeSpan.FromMinutes(30)));
        Assert.That(await _world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_storedcatalog"), Is.EqualTo(2), "both are kept");
    }

    private Task<string?> InForceAsync() => _world.ScalarAsync<string>("select data ->> 'catalog' from lifecycle.mt_doc_inforce");

    private async Task ChangeAsync(string from, string to)
    {
        var path = Path.Combine(_world.Catalog, "sample.yaml");
        var text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
