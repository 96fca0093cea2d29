using System.Collections.Concurrent;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>
/// Policy, Issuance and Expiry as Lifecycle sees them: a queue that takes its commands. What is answered, when, how often and how wrongly,
/// is the test's business; or a rule's, for tests that are about something else.
/// </summary>
internal sealed class Peers : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<object> _taken = new();
    private readonly ConcurrentDictionary<Guid, byte> _ids = new();

    private Peers(string busUrl)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Bus:Url=" + busUrl, "--Bus:Prefetch=64"]);
        builder.Logging.ClearProviders();
        builder.AddBus(
            endpoints: (_, bus) =>
                bus.SuiteEndpoint(
                    "peers",
                    e =>
                    {
                        Take<EvaluateAccess>(e);
                        Take<ReconcileHolding>(e);
                        Take<SetDeadline>(e);
                        Take<CancelDeadline>(e);
                        Take<DeadlineAcknowledged>(e);
                        Take<RetryHoldings>(e);
                    }
                )
        );
        _app = builder.Build();
        Bus = _app.Services.GetRequiredService<IBus>();
    }

    public IBus Bus { get; }

    /// <summary>Answers at once where it returns something. Called for every command.</summary>
    public Func<object, Task>? Rule { get; set; }

    public static async Task<Peers> StartAsync(string busUrl)
    {
        var peers = new Peers(busUrl);
        await peers._app.StartAsync();
        var control = peers._app.Services.GetRequiredService<IBusControl>();
        await Eventually.Until(
            () => Task.FromResult(control.CheckHealth().Status),
            Is.EqualTo(BusHealthStatus.Healthy),
            TimeSpan.FromSeconds(30)
        );
        return peers;
    }

    /// <summary>Commands so far, repeats of the same message id left out.</summary>
    public IReadOnlyList<T> All<T>() => [.. _taken.OfType<T>()];

    public IReadOnlyList<EvaluateAccess> Questions(Guid grant) =>
        [.. All<EvaluateAccess>().Where(q => q.GrantId == grant).OrderBy(q => q.Now)];

    public async Task<EvaluateAccess> QuestionAsync(Guid grant, int number = 1, TimeSpan? within = null) =>
        (await Eventually.Until(() => Task.FromResult(Distinct(grant)), q => q.Count >= number, within))[number - 1];

    public IReadOnlyList<ReconcileHolding> Holdings(string principal) =>
        [.. All<ReconcileHolding>().Where(r => r.Principal == principal).OrderBy(r => r.Revision)];

    public async Task<ReconcileHolding> HoldingAsync(string principal, long revision) =>
        (await Eventually.Until(() => Task.FromResult(Holdings(principal)), h => h.Any(r => r.Revision == revision))).First(r =>
            r.Revision == revision
        );

    public async Task<SetDeadline> DeadlineAsync(Guid grant, string kind) =>
        (await Eventually.Until(() => Task.FromResult(Deadlines(grant, kind)), d => d.Count > 0))[^1];

    public IReadOnlyList<SetDeadline> Deadlines(Guid grant, string kind) =>
        [.. All<SetDeadline>().Where(d => d.GrantId == grant && d.Kind == kind).OrderBy(d => d.Revision)];

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private List<EvaluateAccess> Distinct(Guid grant) => [.. Questions(grant).DistinctBy(q => q.EvaluationId)];

    private void Take<T>(IRabbitMqReceiveEndpointConfigurator e)
        where T : class
    {
        e.Bind<T>();
        e.Handler<T>(async context =>
        {
            if (_ids.TryAdd(context.MessageId!.Value, 0))
            {
                _taken.Enqueue(context.Message);
            }

            if (Rule is { } rule)
            {
                await rule(context.Message);
            }
        });
    }
}
