using System.Collections.Concurrent;
using Governance.Contracts.Lifecycle;
using Governance.Targets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Tests.Conformance;

/// <summary>What every kind of target has to do. A fixture for each kind derives from it.</summary>
public abstract partial class ConnectorConformance
{
    private readonly List<IConnector> _connectors = [];
    private readonly ConcurrentBag<string> _credentialSecrets = [];
    private ServiceProvider _services = null!;
    private RecordedLogs _logs = null!;

    protected ConformanceTarget Target { get; private set; } = null!;

    protected IConnector Connector => _connectors[0];

    /// <summary>Called for each test.</summary>
    protected abstract Task<ConformanceTarget> CreateTargetAsync();

    [SetUp]
    public async Task CreateAsync()
    {
        Target = await CreateTargetAsync();
        _logs = new RecordedLogs();
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs));
        Target.Register(services);
        _services = services.BuildServiceProvider();
        Connect();
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        foreach (var connector in _connectors)
        {
            await connector.DisposeAsync();
        }

        _connectors.Clear();
        await _services.DisposeAsync();
        await Target.DisposeAsync();
        _logs.Dispose();
        foreach (var entry in _logs.Entries)
        {
            TellsNothing(entry);
        }
    }

    /// <summary>One more replica.</summary>
    protected IConnector Connect()
    {
        var registration = Registration;
        var connector = registration.Create(_services, Settings(Target.ConnectionString));
        Assert.That(connector.Kind, Is.EqualTo(registration.Kind));
        _connectors.Add(connector);
        return connector;
    }

    protected async Task<Place> CreatePlaceAsync(string account = "svc", string privilege = "readonly") =>
        new((await Target.CreateAccountAsync(account))!, (await Target.CreatePrivilegeAsync(privilege))!);

    protected static DesiredHolding Wanted(Place place, long revision, params Guid[] grants) =>
        new()
        {
            Holder = place.Holder,
            Account = place.Account,
            Privilege = place.Privilege,
            Revision = revision,
            Leases =
            [
                .. grants.DefaultIfEmpty(place.Holder).Select(grant => new Lease(grant, Moments.Now(TimeProvider.System).AddHours(1))),
            ],
        };

    protected static DesiredHolding Unwanted(Place place, long revision) => Wanted(place, revision) with { Leases = [] };

    protected static AttemptDeadline In(double seconds) => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(seconds));

    /// <summary>One attempt, given up at its hard end as Issuance does.</summary>
    protected async Task<Outcome> TryAsync(DesiredHolding desired, AttemptDeadline? deadline = null, IConnector? connector = null)
    {
        deadline ??= In(30);
        using var hardEnd = new CancellationTokenSource(deadline.Remaining);
        return await TryAsync(desired, deadline, hardEnd.Token, connector);
    }

    protected async Task<Outcome> TryAsync(
        DesiredHolding desired,
        AttemptDeadline deadline,
        CancellationToken cancellationToken,
        IConnector? connector = null
    )
    {
        try
        {
            var applying = (connector ?? Connector).ApplyAsync(desired, deadline, cancellationToken);
            var result = await applying.WaitAsync(deadline.Remaining + TimeSpan.FromSeconds(20), CancellationToken.None);
            Remember(result);
            return new Outcome(result, null);
        }
        catch (ConnectorException e)
        {
            TellsNothing(e.ToString());
            return new Outcome(null, e);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            TellsNothing(e.ToString());
            return new Outcome(null, null);
        }
    }

    /// <summary>Applies what has to succeed, also when somebody else is at it: what changed nothing and is transient is tried again.</summary>
    protected async Task<IReadOnlyList<Credential>> ApplyAsync(DesiredHolding desired, IConnector? connector = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await TryAsync(desired, connector: connector);
            if (outcome.Failure is { IsTransient: true, MayHaveHappened: false } && attempt < 10)
            {
                continue;
            }

            Assert.That(outcome.Succeeded, Is.True, outcome.ToString());
            return outcome.Result is ApplyResult.Applied applied ? applied.Credentials : [];
        }
    }

    protected Task<ObservedHolding> ReadAsync(Place place) => Connector.ReadAsync(place.Account, place.Privilege, CancellationToken.None);

    protected async Task<List<ListedHolding>> ListAsync()
    {
        var found = new List<ListedHolding>();
        string? token = null;
        do
        {
            var page = await Connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
        } while (token is not null);

        return found;
    }

    /// <summary>The target and the connector agree on whether the access is there.</summary>
    protected async Task AssertHasAsync(Place place, bool expected, string? why = null)
    {
        Assert.That(await Target.HasAsync(place.Account, place.Privilege), Is.EqualTo(expected), "At the target: " + why);
        Assert.That((await ReadAsync(place)).Direct, Is.EqualTo(expected), "Read back: " + why);
    }

    private ConnectorRegistration Registration => _services.GetServices<ConnectorRegistration>().Last();

    private static ConnectorSettings Settings(string connectionString) =>
        new()
        {
            Target = "the-target",
            ConnectionString = connectionString,
            Concurrency = 8,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };

    private void Remember(ApplyResult result)
    {
        if (result is ApplyResult.Applied applied)
        {
            foreach (var credential in applied.Credentials)
            {
                foreach (var (_, value) in credential.Members.Where(member => IsSecret(member.Key)))
                {
                    _credentialSecrets.Add(value);
                }

                TellsNothing(credential.ToString());
                TellsNothing(applied.ToString());
            }
        }
    }

    private static bool IsSecret(string member) => member is "password" or "token" or "key";

    private void TellsNothing(string text)
    {
        foreach (var secret in Target.Secrets.Concat(_credentialSecrets))
        {
            Assert.That(text, Does.Not.Contain(secret), "A secret.");
        }

        Assert.That(text, Does.Not.Contain("127.0.0.1").And.Not.Contain("localhost").And.Not.Contain("[::1]"), "An address.");
    }
}
