using System.Collections.Concurrent;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Expiry.Tests.Running;

internal sealed record Reached(DeadlineReached Message, Guid MessageId, DateTimeOffset At);

/// <summary>Lifecycle's side of the messages, on a bus of its own: it sets, cancels and acknowledges deadlines and notes what was reached.</summary>
internal sealed class LifecyclePeer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Reached> _reached;

    private LifecyclePeer(WebApplication app, ConcurrentQueue<Reached> reached)
    {
        _app = app;
        _reached = reached;
        Bus = app.Services.GetRequiredService<IBus>();
    }

    public IBus Bus { get; }

    public IReadOnlyList<Reached> All => [.. _reached];

    public static async Task<LifecyclePeer> StartAsync(string busUrl)
    {
        var reached = new ConcurrentQueue<Reached>();
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Bus:Url=" + busUrl, "--Bus:Prefetch=256"]);
        builder.Logging.ClearProviders();
        builder.AddBus(
            endpoints: (_, bus) =>
                bus.SuiteEndpoint(
                    "lifecycle",
                    e =>
                    {
                        e.Bind<DeadlineReached>();
                        e.Handler<DeadlineReached>(context =>
                        {
                            reached.Enqueue(new Reached(context.Message, context.MessageId!.Value, DateTimeOffset.UtcNow));
                            return Task.CompletedTask;
                        });
                    }
                )
        );
        var app = builder.Build();
        await app.StartAsync();
        var control = app.Services.GetRequiredService<IBusControl>();
        await Eventually.Until(() => Task.FromResult(control.CheckHealth().Status), Is.EqualTo(BusHealthStatus.Healthy));
        return new LifecyclePeer(app, reached);
    }

    public IReadOnlyList<Reached> Of(Guid grant) => [.. _reached.Where(r => r.Message.GrantId == grant)];

    public Task<IReadOnlyList<Reached>> ReachedAsync(Guid grant, int times = 1, TimeSpan? within = null) =>
        Eventually.Until(() => Task.FromResult(Of(grant)), r => r.Count >= times, within);

    public Task SetAsync(Guid grant, DateTimeOffset due, long revision = 1, string kind = DeadlineKinds.Expiry) =>
        PublishAsync(
            new SetDeadline
            {
                GrantId = grant,
                Kind = kind,
                Due = due,
                Revision = revision,
            }
        );

    public Task CancelAsync(Guid grant, long revision, string kind = DeadlineKinds.Expiry) =>
        PublishAsync(
            new CancelDeadline
            {
                GrantId = grant,
                Kind = kind,
                Revision = revision,
            }
        );

    public Task AcknowledgeAsync(Guid grant, long revision = 1, string kind = DeadlineKinds.Expiry) =>
        PublishAsync(
            new DeadlineAcknowledged
            {
                GrantId = grant,
                Kind = kind,
                Revision = revision,
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private Task PublishAsync<T>(T message)
        where T : class => Bus.PublishMandatoryAsync(message, Guid.NewGuid());
}
