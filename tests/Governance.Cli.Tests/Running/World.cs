using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Lifecycle;
using Governance.Policy;
using Governance.Testing;
using Npgsql;

namespace Governance.Cli.Tests.Running;

/// <summary>An installation with a real Lifecycle and a real Policy, in which some requests were decided with the sample policies.</summary>
internal sealed class World : IAsyncDisposable
{
    private static World? _shared;
    private string _busUrl = "";
    private Peers _peers = null!;
    private int _requests;

    public Peers Peers => _peers;

    public InProcessService Lifecycle { get; private set; } = null!;

    public InProcessService Policy { get; private set; } = null!;

    /// <summary>The database of Lifecycle.</summary>
    public NpgsqlDataSource Events { get; private set; } = null!;

    /// <summary>The database of Policy.</summary>
    public NpgsqlDataSource Bundles { get; private set; } = null!;

    public string BusUrl => _busUrl;

    /// <summary>svc-reporting reads orders.</summary>
    public Guid Active { get; private set; }

    /// <summary>svc-billing wants to write orders.</summary>
    public Guid Waiting { get; private set; }

    /// <summary>svc-billing wanted to own the database.</summary>
    public Guid Denied { get; private set; }

    public string[] Addresses => ["--lifecycle", Lifecycle.Url, "--policy", Policy.Url];

    public static async Task<World> SharedAsync() => _shared ??= await CreateAsync();

    public static async Task DisposeSharedAsync()
    {
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }
    }

    /// <summary>Changes what is stored, until the answer is disposed.</summary>
    public static async Task<IAsyncDisposable> TamperAsync(
        NpgsqlDataSource database,
        string table,
        string column,
        string key,
        object id,
        string value
    )
    {
        async Task<string> SetAsync(string expression, string? old = null)
        {
            await using var command = database.CreateCommand(
                $"with before as (select {column}::text as old from {table} where {key} = $1) "
                    + $"update {table} set {column} = {expression} where {key} = $1 returning (select old from before)"
            );
            command.Parameters.Add(new() { Value = id });
            if (old is not null)
            {
                command.Parameters.Add(new() { Value = old });
            }

            return (string)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException("There is nothing to change."));
        }

        var was = await SetAsync(value);
        return new Restoring(() => SetAsync(column == "data" ? "$2::jsonb" : "$2", was));
    }

    /// <summary>Changes the last event of a type in a grant's stream, until the answer is disposed.</summary>
    public async Task<IAsyncDisposable> TamperAsync(Guid grant, string type, string value)
    {
        await using var command = Events.CreateCommand(
            "select seq_id from lifecycle.mt_events where stream_id = $1 and type = $2 order by version desc limit 1"
        );
        command.Parameters.Add(new() { Value = grant });
        command.Parameters.Add(new() { Value = type });
        return await TamperAsync(Events, "lifecycle.mt_events", "data", "seq_id", (await command.ExecuteScalarAsync())!, value);
    }

    public async ValueTask DisposeAsync()
    {
        await Policy.DisposeAsync();
        await Lifecycle.DisposeAsync();
        await _peers.DisposeAsync();
        await Events.DisposeAsync();
        await Bundles.DisposeAsync();
        await SuiteServers.Current.Management.DeleteVirtualHostAsync(new Uri(_busUrl).AbsolutePath[1..]);
    }

    /// <param name="settings">Of Lifecycle.</param>
    public static async Task<World> CreateAsync(params string[] settings)
    {
        var (events, bundles) = (
            await SuiteServers.Current.CreateDatabaseAsync("lifecycle"),
            await SuiteServers.Current.CreateDatabaseAsync("policy")
        );
        var world = new World
        {
            _busUrl = await SuiteServers.Current.CreateVirtualHostAsync("cli"),
            Events = NpgsqlDataSource.Create(events),
            Bundles = NpgsqlDataSource.Create(bundles),
        };
        world._peers = await Peers.StartAsync(world._busUrl);
        world.Lifecycle = await InProcessService.StartAsync(
            [
                "ConnectionStrings:Database=" + events,
                "Bus:Url=" + world._busUrl,
                // One clock, and tests that ask again at once.
                "Lifecycle:ClockTolerance=00:00:00",
                "Lifecycle:CatalogDirectory=" + RepositoryRoot.File("deploy", "catalog"),
                .. settings,
            ],
            builder => builder.AddLifecycle().Build().MapLifecycle()
        );
        world.Policy = await InProcessService.StartAsync(
            [
                "ConnectionStrings:Database=" + bundles,
                "Bus:Url=" + world._busUrl,
                "Policy:BundleDirectory=" + RepositoryRoot.File("deploy", "policies"),
                "Policy:LifecycleUrl=" + world.Lifecycle.GrpcUrl,
                "Policy:AnnouncePeriod=00:00:01",
            ],
            builder => builder.AddPolicy().Build().MapPolicy()
        );
        await world.Policy.ReadyAsync();
        await world.Lifecycle.ReadyAsync();
        world.Active = await world.RequestAsync("svc-reporting", "orders-db/readonly", "active");
        world.Waiting = await world.RequestAsync("svc-billing", "orders-db/writer", "awaiting-approval");
        world.Denied = await world.RequestAsync("svc-billing", "orders-db/owner", "denied");
        return world;
    }

    public async Task<Guid> RequestAsync(string principal, string entitlement, string state, string ticketState = "approved")
    {
        const string Source = "https://itsm.example.com/servicenow";
        const string Dana = "p-7d1f4a90";
        var request = $"{principal} {entitlement} {Interlocked.Increment(ref _requests)}";
        var grant = NameBasedUuid.ForRequest(Source, request);
        await _peers.SendAsync(
            new AccessRequested
            {
                GrantId = grant,
                Source = Source,
                RequestId = request,
                Principal = principal,
                Entitlement = entitlement,
                Duration = TimeSpan.FromHours(1),
                Justification = "month-end report",
                Requester = Dana,
                RequesterAssurance = Assurance.Verified,
                Emergency = false,
                EmergencyAssurance = Assurance.Claimed,
                Ticket = new RequestedTicket
                {
                    System = "servicenow",
                    Key = "RITM0012345",
                    State = ticketState,
                    Assurance = Assurance.Verified,
                },
                Approvals = [],
                Via = "amqp",
                Actor = new ActorRef
                {
                    Id = "system:itsm",
                    Kind = "system",
                    Via = "amqp",
                    Assurance = Assurance.Verified,
                    OnBehalfOf = [Dana],
                },
                ReceivedAt = TimeProvider.System.Now(),
                Digest = CanonicalJson.Digest(request),
            }
        );
        await Eventually.Until(() => StateAsync(grant), Is.EqualTo(state), TimeSpan.FromSeconds(60));
        return grant;
    }

    public async Task<string?> StateAsync(Guid grant)
    {
        using var answer = await Lifecycle.Http.GetAsync(new Uri($"/v1/grants/{grant}", UriKind.Relative));
        return answer.IsSuccessStatusCode ? (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["state"] : null;
    }

    private sealed class Restoring(Func<Task> restore) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await restore();
    }
}
