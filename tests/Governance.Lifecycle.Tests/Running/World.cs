using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Grants;
using Governance.Messaging;
using Governance.Testing;
using Npgsql;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>One installation: a database, a virtual host, Lifecycle, and what stands for its peers.</summary>
internal sealed partial class World : IAsyncDisposable
{
    private static World? _shared;

    public required string Database { get; init; }

    public required string BusUrl { get; init; }

    public required string Catalog { get; init; }

    public required NpgsqlDataSource Sql { get; init; }

    public required ShiftedClock Clock { get; init; }

    public string Bundle { get; private set; } = "sha256:bundle-1";

    public Peers Peers { get; private set; } = null!;

    public Service Service { get; private set; } = null!;

    public string VirtualHost => Uri.UnescapeDataString(new Uri(BusUrl).AbsolutePath[1..]);

    /// <summary>The world of all tests that harm nobody else: each takes an actor of its own.</summary>
    public static async Task<World> SharedAsync() => _shared ??= await CreateAsync();

    public static async Task DisposeSharedAsync()
    {
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }
    }

    public static async Task<World> CreateAsync(params string[] settings)
    {
        var database = await SuiteServers.Current.CreateDatabaseAsync("lifecycle");
        var world = new World
        {
            Database = database,
            BusUrl = await SuiteServers.Current.CreateVirtualHostAsync("lifecycle"),
            Catalog = TestCatalog.Create(),
            Sql = NpgsqlDataSource.Create(database),
            Clock = new ShiftedClock(),
        };
        world.Peers = await Peers.StartAsync(world.BusUrl);
        await world.StartServiceAsync(settings);
        await world.AnnounceAsync(world.Bundle, 1);
        await world.Service.ReadyAsync();
        // What comes in force is swept over what is active: a test's first grant must not be among it by chance.
        await world.SweptAsync();
        return world;
    }

    /// <summary>What is in force now has been swept.</summary>
    public Task SweptAsync() =>
        Eventually.Until(
            () =>
                ScalarAsync<string>(
                    "select data ->> 'state' from lifecycle.mt_doc_sweep where data ->> 'inForceVersion' = (select data ->> 'changes' from lifecycle.mt_doc_inforce)"
                ),
            Is.EqualTo("finished"),
            TimeSpan.FromMinutes(2)
        );

    public async Task<Service> StartServiceAsync(params string[] settings)
    {
        Service = await Service.StartAsync(Database, BusUrl, Catalog, Clock, settings);
        return Service;
    }

    /// <summary>Publishes as a peer does, and returns when Lifecycle has dealt with it.</summary>
    public async Task<Exception?> SendAsync<T>(T message)
        where T : class
    {
        var id = Guid.NewGuid();
        await Peers.Bus.PublishMandatoryAsync(message, id);
        var result = await Service.Received.WaitAsync(id);
        Service.Received.Forget(id);
        return result;
    }

    /// <summary>Publishes twice, the repeat with another message id.</summary>
    public async Task SendTwiceAsync<T>(T message)
        where T : class
    {
        await SendAsync(message);
        await SendAsync(message);
    }

    public async Task AnnounceAsync(string bundle, long activation)
    {
        Bundle = bundle;
        await Eventually.Until(
            async () =>
            {
                await Peers.Bus.PublishMandatoryAsync(
                    new BundleAnnounced
                    {
                        Activation = activation,
                        Bundle = bundle,
                        Schema = "sha256:schema",
                        Engine = "test",
                        Policies = 1,
                        ActivatedAt = DateTimeOffset.UnixEpoch,
                    },
                    Guid.NewGuid()
                );
                return await ScalarAsync<string>("select data ->> 'bundle' from lifecycle.mt_doc_inforce") == bundle;
            },
            TimeSpan.FromSeconds(60)
        );
    }

    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Sql.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public Task<string?> StateAsync(Guid grant) =>
        ScalarAsync<string>("select data ->> 'currentState' from lifecycle.mt_doc_grant where id = $1", grant);

    public Task ReachAsync(Guid grant, string state) => Eventually.Until(() => StateAsync(grant), Is.EqualTo(state));

    public Task<long> VersionAsync(Guid stream) => ScalarAsync<long>("select version from lifecycle.mt_streams where id = $1", stream);

    /// <summary>The types of a stream's events, in order.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(Guid stream)
    {
        await using var command = Sql.CreateCommand("select type from lifecycle.mt_events where stream_id = $1 order by version");
        command.Parameters.Add(new() { Value = stream });
        await using var reader = await command.ExecuteReaderAsync();
        var types = new List<string>();
        while (await reader.ReadAsync())
        {
            types.Add(reader.GetString(0));
        }

        return types;
    }

    public async Task<Guid> RequestAsync(Actor actor, string entitlement = TestCatalog.Readonly, string? principal = null)
    {
        var request = Requests.Of(actor, entitlement, principal);
        Assert.That(await SendAsync(request), Is.Null);
        return request.GrantId;
    }

    /// <summary>Requests, permits; the target has not answered.</summary>
    public async Task<Guid> ActivatingAsync(Actor actor, string entitlement = TestCatalog.Readonly, string? principal = null)
    {
        var grant = await RequestAsync(actor, entitlement, principal);
        await SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Outcome.Permit));
        await ReachAsync(grant, GrantState.Activating);
        return grant;
    }

    public async Task<Guid> ActiveAsync(Actor actor, string entitlement = TestCatalog.Readonly, string? principal = null)
    {
        var grant = await ActivatingAsync(actor, entitlement, principal);
        await ObserveAsync(principal ?? actor.First);
        await ReachAsync(grant, GrantState.Active);
        return grant;
    }

    /// <summary>The target is made to match the highest revision that Issuance was told of.</summary>
    public async Task ObserveAsync(string principal, bool? direct = null)
    {
        var revision = await ScalarAsync<long>(
            "select (data ->> 'revision')::bigint from lifecycle.mt_doc_principalledger where data ->> 'principal' = $1",
            principal
        );
        await SendAsync(Answers.Observed(await Peers.HoldingAsync(principal, revision), Clock.Now(), direct));
    }

    public async Task<IReadOnlyList<long>> RevisionsAsync(string principal)
    {
        await using var command = Sql.CreateCommand(
            "select (data ->> 'revision')::bigint from lifecycle.mt_events where type = 'holding-desired.v1' and stream_id = $1 order by version"
        );
        command.Parameters.Add(new() { Value = NameBasedUuid.ForPrincipal(principal) });
        await using var reader = await command.ExecuteReaderAsync();
        var revisions = new List<long>();
        while (await reader.ReadAsync())
        {
            revisions.Add(reader.GetInt64(0));
        }

        return revisions;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Peers.DisposeAsync();
        await Sql.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(VirtualHost);
        Directory.Delete(Catalog, recursive: true);
    }
}
