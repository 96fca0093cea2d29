using System.Globalization;
using Governance.EndToEnd.Tests.Load;
using Governance.EndToEnd.Tests.Oracle;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>Everything that can fail fails, one after another and at once, under load, while the target is watched.</summary>
internal sealed class Scenario(Suite suite, ChaosOptions options)
{
    /// <summary>It is over when every point has been crashed at; a slow machine takes longer.</summary>
    private static readonly TimeSpan CrashTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(10);
    private readonly Random _random = new(options.Seed);
    private readonly Journal _journal = suite.Journal;
    private readonly List<Violation> _problems = [];
    private TargetWatch _target = null!;
    private RelayWatch _relay = null!;

    public ChaosResult Result { get; private set; } = null!;

    public async Task RunAsync()
    {
        _journal.Note(
            $"seed {options.Seed.ToString(CultureInfo.InvariantCulture)}, {options.PerSecond.ToString(CultureInfo.InvariantCulture)} requests/s (GOVERNANCE_CHAOS_SEED, GOVERNANCE_CHAOS_RATE, GOVERNANCE_SOAK_MINUTES)"
        );
        _target = TargetWatch.Start(suite);
        _relay = RelayWatch.Start(suite);
        using var enough = new CancellationTokenSource();
        var load = new LoadGenerator(suite, options.Seed, options.PerSecond);
        var loading = load.RunAsync(enough.Token);

        var schedules = options.Has("crash") ? await CrashAtEveryPointAsync() : [];
        var transport = options.Has("transport") ? await WithTransportAsync(WithServersAwayAsync) : "";
        if (options.Has("freeze"))
        {
            await FreezeAsync();
        }

        await SoakAsync();

        await RecoverAsync();
        await enough.CancelAsync();
        _journal.Note("the load ends");
        await loading;
        var open = await Settlement.AwaitAsync(suite, TimeSpan.FromSeconds(90));
        _journal.Note(open.Count == 0 ? "everything has settled" : $"{open.Count} things have not settled");
        await _target.DisposeAsync();
        await _relay.DisposeAsync();
        Result = new ChaosResult
        {
            Sent = load.Sent,
            Sightings = _target.Sightings,
            Relay = _relay,
            NotRecovered = _problems,
            Open = open,
            LeftOvers = await RequestInvariants.LeftOversAsync(suite),
            Rejected = await RequestInvariants.TakeRejectedAsync(suite),
            Decisions = await DecisionLog.ReadAsync(suite.BusUrl),
            History = await StoredHistory.ReadAsync(suite),
            CrashPoints = [.. schedules.SelectMany(s => s.Points)],
            MissedCrashPoints = [.. schedules.SelectMany(s => s.Missed)],
            Transport = transport,
        };
    }

    // What does not come back by itself is wrong, and is started again, so that the run tells what else is.
    private async Task RecoverAsync()
    {
        try
        {
            await suite.ReadyAsync(options.Recovery);
        }
        catch (AssertionException e)
        {
            _problems.Add(new Violation(e.Message, null, DateTimeOffset.UtcNow));
            _journal.Note(e.Message);
            foreach (var replica in suite.Replicas)
            {
                if (!await replica.IsReadyAsync())
                {
                    replica.Kill();
                }
            }

            await suite.ReadyAsync();
        }
    }

    private async Task<IReadOnlyList<CrashSchedule>> CrashAtEveryPointAsync()
    {
        var schedules = CrashPointNames.ByService().Select(p => new CrashSchedule(suite, p.Key, p.Value, options.Seed)).ToList();
        _journal.Note($"crashing at {schedules.Sum(s => s.Points.Count)} points");
        await Task.WhenAll(schedules.Select(s => s.RunAsync(CrashTimeout)));
        await RecoverAsync();
        return schedules;
    }

    private async Task<string> WithTransportAsync(Func<Task> others)
    {
        var transport = new ChaosTransport(suite, options.Seed);
        _journal.Note("messages are delayed and doubled from now on");
        await transport.StartAsync();
        try
        {
            await others();
        }
        finally
        {
            await transport.DisposeAsync();
        }

        _journal.Note("messages go straight again: " + transport.Summary);
        return transport.Summary;
    }

    private async Task WithServersAwayAsync()
    {
        await RandomStepsAsync(options.Steps);
        await AwayAsync(SuiteServer.RabbitMq, "the broker is away");
        await AwayAsync(SuiteServer.Postgres, "the suite's database is away");
        await RandomStepsAsync(options.Steps / 2);
    }

    private async Task RandomStepsAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            await StepAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(500, 2500)));
        }
    }

    private async Task StepAsync()
    {
        switch (_random.Next(options.Has("clocks") ? 7 : 6))
        {
            case 0 or 1:
                var victim = suite.Replicas[_random.Next(suite.Replicas.Count)];
                _journal.Note($"SIGKILL {victim.Name}");
                victim.Kill();
                break;
            case 2:
                var service = _random.Next(3) == 0 ? "intake" : "lifecycle";
                if (await suite.LeaderAsync(service) is { } leader)
                {
                    _journal.Note($"SIGKILL {leader.Name}, which leads");
                    leader.Kill();
                }

                break;
            case 3:
                _journal.Note($"the sessions that hold Lifecycle's leader lock are cut: {await CutLeadersAsync()}");
                break;
            case 4:
                var database = new[] { "lifecycle", "issuance", "expiry", "intake", "policy" }[_random.Next(5)];
                _journal.Note(
                    $"connections to the database of {database} are cut: {await SuiteServers.Current.CutConnectionsAsync(suite.Database(database))}"
                );
                break;
            case 6:
                var movable = suite.Replicas.Where(r => r.Clock is not null).ToList();
                var wrong = movable[_random.Next(movable.Count)];
                var ahead = new[] { 600, -600, 3, -3, 0 }[_random.Next(5)];
                _journal.Note(
                    $"the clock of {wrong.Name} is set {ahead.ToString(CultureInfo.InvariantCulture)} s ahead of what it should be"
                );
                wrong.Clock!.Set(TimeSpan.FromSeconds(ahead));
                break;
            default:
                _journal.Note(
                    $"AMQP connections are cut: {await SuiteServers.Current.Management.CloseConnectionsAsync(suite.VirtualHost)}"
                );
                break;
        }
    }

    private async Task<int> CutLeadersAsync()
    {
        await using var connection = await TargetCluster.OpenAsync(suite.Database("lifecycle"));
        await using var command = new NpgsqlCommand(
            """
            select count(pg_terminate_backend(pid))::int from (
                select distinct pid from pg_locks
                where locktype = 'advisory' and granted and classid = 0 and objsubid = 1 and pid <> pg_backend_pid()
                  and database = (select oid from pg_database where datname = current_database())) leaders
            """,
            connection
        );
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private async Task AwayAsync(SuiteServer server, string what)
    {
        using (_relay.Outage(what))
        {
            _journal.Note(what);
            await SuiteServers.Current.StopAsync(server);
            await Task.Delay(TimeSpan.FromSeconds(3));
            await SuiteServers.Current.StartAsync(server);
            _journal.Note($"{server} is back");
        }

        await RecoverAsync();
    }

    /// <summary>
    /// The leading Lifecycle stops answering and an orchestrator kills it; meanwhile an Issuance is frozen and nobody kills it, so that
    /// it wakes up late. Then the leader is frozen and nobody kills it.
    /// </summary>
    private async Task FreezeAsync()
    {
        await RecoverAsync();
        var worker = suite.Of("issuance")[0];
        var leader = await suite.LeaderAsync("lifecycle");
        if (leader is not null)
        {
            leader.ProbesLiveness = true;
            _journal.Note($"{leader.Name}, which leads, and {worker.Name} are frozen; the first will be killed for it");
            await Task.WhenAll(leader.FreezeAsync(), worker.FreezeAsync());
        }

        await Task.Delay(FreezeTime);
        await worker.ThawAsync();
        if (leader is not null)
        {
            leader.ProbesLiveness = false;
        }

        _journal.Note($"{worker.Name} goes on");
        await RecoverAsync();

        if (await suite.LeaderAsync("lifecycle") is { } next)
        {
            _journal.Note($"{next.Name}, which leads, is frozen, and nobody kills it");
            await next.FreezeAsync();
            await Task.Delay(FreezeTime);
            await next.ThawAsync();
            _journal.Note($"{next.Name} goes on");
        }

        await RecoverAsync();
    }

    private async Task SoakAsync()
    {
        var until = DateTimeOffset.UtcNow + options.Soak;
        while (DateTimeOffset.UtcNow < until)
        {
            await WithTransportAsync(() => RandomStepsAsync(20));
            await RandomStepsAsync(20);
            await AwayAsync(_random.Next(2) == 0 ? SuiteServer.RabbitMq : SuiteServer.Postgres, "a server is away");
            await FreezeAsync();
            await Task.Delay(TimeSpan.FromSeconds(10));
        }
    }
}

/// <summary>What came of it.</summary>
internal sealed record ChaosResult
{
    public required IReadOnlyList<SentRequest> Sent { get; init; }
    public required IReadOnlyList<Sighting> Sightings { get; init; }
    public required RelayWatch Relay { get; init; }
    public required IReadOnlyList<Violation> NotRecovered { get; init; }
    public required IReadOnlyList<Violation> Open { get; init; }
    public required IReadOnlyList<Violation> LeftOvers { get; init; }
    public required IReadOnlyList<RejectedMessage> Rejected { get; init; }
    public required IReadOnlyList<DecisionLogEntry> Decisions { get; init; }
    public required StoredHistory History { get; init; }
    public required IReadOnlyList<string> CrashPoints { get; init; }
    public required IReadOnlyList<string> MissedCrashPoints { get; init; }
    public required string Transport { get; init; }
}

/// <summary>How hard and how long.</summary>
internal sealed record ChaosOptions(int Seed, double PerSecond, int Steps, TimeSpan Soak)
{
    /// <summary>How long the suite may take to be ready after something failed.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Parts of the run: all but the clocks unless <c>GOVERNANCE_CHAOS_PARTS</c> names some.</summary>
    public string Parts { get; init; } = Environment.GetEnvironmentVariable("GOVERNANCE_CHAOS_PARTS") ?? "crash,transport,freeze";

    public bool Has(string part) => Parts.Split(',').Contains(part, StringComparer.Ordinal);

    public static ChaosOptions FromEnvironment() =>
        new(
            (int)Number("GOVERNANCE_CHAOS_SEED", 20261123),
            Number("GOVERNANCE_CHAOS_RATE", 3),
            (int)Number("GOVERNANCE_CHAOS_STEPS", 6),
            TimeSpan.FromMinutes(Number("GOVERNANCE_SOAK_MINUTES", 0))
        );

    private static double Number(string variable, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
