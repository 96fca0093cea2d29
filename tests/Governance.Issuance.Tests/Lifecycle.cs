using System.Collections.Concurrent;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;

namespace Governance.Issuance.Tests;

/// <summary>Stands where Lifecycle stands: asks, and hears the answers, on the real broker.</summary>
public sealed class Lifecycle : IAsyncDisposable
{
    private readonly IBusControl _bus;
    private readonly ConcurrentQueue<HoldingObserved> _observed = new();
    private readonly ConcurrentQueue<HoldingFailed> _failed = new();
    private readonly ConcurrentQueue<Guid> _ids = new();

    private Lifecycle(string url)
    {
        _bus = Bus.Factory.CreateUsingRabbitMq(cfg =>
        {
            cfg.Host(new Uri(url), h => h.PublisherConfirmation = true);
            cfg.ConfigureJsonSerializerOptions(options =>
            {
                foreach (var converter in WireJson.Options.Converters)
                {
                    options.Converters.Add(converter);
                }

                return options;
            });
            cfg.SuiteEndpoint(
                "test.lifecycle",
                e =>
                {
                    e.Bind<HoldingObserved>();
                    e.Bind<HoldingFailed>();
                    e.Handler<HoldingObserved>(c => Hear(_observed, c));
                    e.Handler<HoldingFailed>(c => Hear(_failed, c));
                }
            );
        });
    }

    public IReadOnlyList<Guid> MessageIds => [.. _ids];

    public static async Task<Lifecycle> StartAsync(string url)
    {
        var lifecycle = new Lifecycle(url);
        await lifecycle._bus.StartAsync();
        return lifecycle;
    }

    public static ReconcileHolding Command(
        TargetBinding binding,
        long revision,
        int leases,
        string principal = "svc-reporting",
        DateTimeOffset? until = null
    ) =>
        new()
        {
            Principal = principal,
            Entitlement = binding.Target + "/readonly",
            Revision = revision,
            Leases =
            [
                .. Enumerable
                    .Range(0, leases)
                    .Select(_ => new Lease(Guid.CreateVersion7(), until ?? Moments.Now(TimeProvider.System).AddHours(1))),
            ],
            Binding = binding,
        };

    public Task AskAsync(TargetBinding binding, long revision, int leases, string principal = "svc-reporting") =>
        AskAsync(Command(binding, revision, leases, principal));

    /// <summary>Mandatory: it fails until the queue is there, and is then taken.</summary>
    public Task AskAsync(ReconcileHolding command) => _bus.PublishMandatoryAsync(command, Guid.NewGuid());

    /// <summary>Accepts who answers at a target now.</summary>
    public Task AcceptAsync(string target, string? identity) =>
        _bus.PublishMandatoryAsync(
            new AcceptTarget
            {
                Acceptance = Guid.NewGuid(),
                Target = target,
                Identity = identity,
                By = "p-kim",
            },
            Guid.NewGuid()
        );

    /// <summary>Has tried now what waits.</summary>
    public Task RetryAsync(RetryHoldings retry) => _bus.PublishMandatoryAsync(retry, Guid.NewGuid());

    public IReadOnlyList<HoldingObserved> Observed(string principal = "svc-reporting") =>
        [.. _observed.Where(o => string.Equals(o.Principal, principal, StringComparison.Ordinal))];

    public IReadOnlyList<HoldingFailed> Failed(string principal = "svc-reporting") =>
        [.. _failed.Where(o => string.Equals(o.Principal, principal, StringComparison.Ordinal))];

    public async Task<HoldingObserved> AnswerAsync(long revision, string principal = "svc-reporting", int nth = 1, TimeSpan? timeout = null)
    {
        var answers = await Eventually.Until(
            () => Task.FromResult(Observed(principal).Where(o => o.Revision >= revision).ToList()),
            all => all.Count >= nth,
            timeout ?? TimeSpan.FromSeconds(30)
        );
        return answers[nth - 1];
    }

    public async Task<HoldingFailed> FailureAsync(long revision, string principal = "svc-reporting", string? code = null)
    {
        var failures = await Eventually.Until(
            () => Task.FromResult(Failed(principal).Where(f => f.Revision == revision && (code is null || f.Code == code)).ToList()),
            all => all.Count > 0,
            TimeSpan.FromSeconds(30)
        );
        return failures[0];
    }

    public async ValueTask DisposeAsync() => await _bus.StopAsync(TimeSpan.FromSeconds(10));

    private Task Hear<T>(ConcurrentQueue<T> into, ConsumeContext<T> context)
        where T : class
    {
        _ids.Enqueue(context.MessageId!.Value);
        into.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}
