using System.Collections.Concurrent;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Policy.Tests.Running;

internal sealed record Taken<T>(T Message, Guid MessageId);

/// <summary>Lifecycle's side of the messages: it asks, and notes what is answered and announced.</summary>
internal sealed class LifecyclePeer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<object> _taken = new();

    private LifecyclePeer(string busUrl)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Bus:Url=" + busUrl]);
        builder.Logging.ClearProviders();
        builder.AddBus(
            endpoints: (_, bus) =>
                bus.SuiteEndpoint(
                    "lifecycle",
                    e =>
                    {
                        Take<BundleAnnounced>(e);
                        Take<AccessEvaluated>(e);
                        Take<Fault<EvaluateAccess>>(e);
                    }
                )
        );
        _app = builder.Build();
    }

    public static async Task<LifecyclePeer> StartAsync(string busUrl)
    {
        var peer = new LifecyclePeer(busUrl);
        await peer._app.StartAsync();
        var control = peer._app.Services.GetRequiredService<IBusControl>();
        await Eventually.Until(
            () => Task.FromResult(control.CheckHealth().Status),
            Is.EqualTo(BusHealthStatus.Healthy),
            TimeSpan.FromSeconds(30)
        );
        return peer;
    }

    public IReadOnlyList<Taken<T>> All<T>() => [.. _taken.OfType<Taken<T>>()];

    public async Task<BundleAnnounced> AnnouncedAsync(long activation) =>
        (
            await Eventually.Until(
                () => Task.FromResult(All<BundleAnnounced>()),
                a => a.Any(b => b.Message.Activation == activation),
                TimeSpan.FromSeconds(60)
            )
        )
            .First(b => b.Message.Activation == activation)
            .Message;

    public Task AskAsync(EvaluateAccess question) =>
        _app.Services.GetRequiredService<IBus>().PublishMandatoryAsync(question, Guid.NewGuid());

    public Task<IReadOnlyList<Taken<AccessEvaluated>>> AnswersAsync(Guid evaluation, int count = 1) =>
        Eventually.Until(
            () =>
                Task.FromResult<IReadOnlyList<Taken<AccessEvaluated>>>([
                    .. All<AccessEvaluated>().Where(a => a.Message.EvaluationId == evaluation),
                ]),
            a => a.Count >= count
        );

    public async Task<Fault<EvaluateAccess>> FaultAsync(Guid evaluation) =>
        (
            await Eventually.Until(
                () => Task.FromResult(All<Fault<EvaluateAccess>>()),
                f => f.Any(x => x.Message.Message.EvaluationId == evaluation)
            )
        )
            .First(x => x.Message.Message.EvaluationId == evaluation)
            .Message;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Take<T>(IRabbitMqReceiveEndpointConfigurator e)
        where T : class
    {
        e.Bind<T>();
        e.Handler<T>(context =>
        {
            _taken.Enqueue(new Taken<T>(context.Message, context.MessageId!.Value));
            return Task.CompletedTask;
        });
    }
}
