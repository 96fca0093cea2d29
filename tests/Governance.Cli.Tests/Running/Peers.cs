using System.Collections.Concurrent;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Cli.Tests.Running;

/// <summary>Intake, Issuance and Expiry as Lifecycle sees them: requests come in, and every holding is read back as it was asked for.</summary>
internal sealed class Peers : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Peers(string busUrl)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Bus:Url=" + busUrl]);
        builder.Logging.ClearProviders();
        builder.AddBus(endpoints: (_, bus) => bus.SuiteEndpoint("peers", Endpoint));
        _app = builder.Build();
    }

    /// <summary>Principals from whom the target takes nothing away.</summary>
    public ConcurrentDictionary<string, bool> Stubborn { get; } = new(StringComparer.Ordinal);

    /// <summary>Principals who have everything by another path too, in the target's words.</summary>
    public ConcurrentDictionary<string, string> Paths { get; } = new(StringComparer.Ordinal);

    /// <summary>What was to be tried at once.</summary>
    public ConcurrentQueue<RetryHoldings> Retries { get; } = new();

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

    public Task SendAsync<T>(T message)
        where T : class => _app.Services.GetRequiredService<IBus>().PublishMandatoryAsync(message, Guid.NewGuid());

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Endpoint(IRabbitMqReceiveEndpointConfigurator e)
    {
        e.Bind<ReconcileHolding>();
        e.Bind<AcceptTarget>();
        e.Bind<RetryHoldings>();
        e.Bind<SetDeadline>();
        e.Bind<CancelDeadline>();
        e.Bind<DeadlineAcknowledged>();
        e.Handler<AcceptTarget>(_ => Task.CompletedTask);
        e.Handler<RetryHoldings>(context =>
        {
            Retries.Enqueue(context.Message);
            return Task.CompletedTask;
        });
        e.Handler<SetDeadline>(_ => Task.CompletedTask);
        e.Handler<CancelDeadline>(_ => Task.CompletedTask);
        e.Handler<DeadlineAcknowledged>(_ => Task.CompletedTask);
        e.Handler<ReconcileHolding>(context =>
            context.Message.Leases.Count == 0 && Stubborn.ContainsKey(context.Message.Principal)
                ? context.Publish(
                    new HoldingFailed
                    {
                        Principal = context.Message.Principal,
                        Entitlement = context.Message.Entitlement,
                        Revision = context.Message.Revision,
                        Attempt = 1,
                        Code = "unreachable",
                        Message = "connection refused",
                        FailedAt = TimeProvider.System.Now(),
                        NextAttemptAt = TimeProvider.System.Now().AddHours(1),
                    }
                )
                : context.Publish(
                    new HoldingObserved
                    {
                        Principal = context.Message.Principal,
                        Entitlement = context.Message.Entitlement,
                        Revision = context.Message.Revision,
                        Direct = context.Message.Leases.Count > 0,
                        Effective = context.Message.Leases.Count > 0 || Paths.ContainsKey(context.Message.Principal),
                        Paths = Paths.TryGetValue(context.Message.Principal, out var path) ? [path] : [],
                        Until = context.Message.Leases.Count > 0 ? context.Message.Leases.Max(lease => lease.Until) : null,
                        ObservedAt = TimeProvider.System.Now(),
                    }
                )
        );
    }
}
