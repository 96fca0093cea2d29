using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Governance.Lifecycle.Tests.Running;
using Governance.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Governance.Lifecycle.Tests.Exports;

public sealed class When_telemetry_leaves
{
    private const int Traces = 2000;

    [Test]
    public async Task Should_label_the_database_the_same_in_every_process()
    {
        await using var app = Build();
        var names = new ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "Npgsql")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) => names.Add(PoolName(tags)));
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => names.Add(PoolName(tags)));
        listener.Start();
        app.Services.GetRequiredService<NpgsqlDataSource>();

        listener.RecordObservableInstruments();

        Assert.That(names, Has.Some.EqualTo("lifecycle"));
        Assert.That(names, Has.None.Contains("governance-lifecycle-"));
    }

    [Test]
    public async Task Should_name_the_process_as_it_was_named_before()
    {
        await using var one = Build();
        await using var other = Build();

        Assert.That(InstanceOf(one), Is.Not.Empty.And.EqualTo(InstanceOf(other)));
    }

    [TestCase("0.1", 0.05, 0.15)]
    [TestCase("1", 1, 1)]
    [TestCase("0", 0, 0)]
    public async Task Should_record_a_share_of_the_traces(string share, double least, double most)
    {
        await using var app = Build("Governance:TraceShare=" + share);
        app.Services.GetRequiredService<TracerProvider>();

        var recorded = Enumerable.Range(0, Traces).Count(_ => IsRecorded(default));

        Assert.That((double)recorded / Traces, Is.InRange(least, most));
    }

    [TestCase(ActivityTraceFlags.Recorded, true)]
    [TestCase(ActivityTraceFlags.None, false)]
    public async Task Should_leave_it_to_whoever_began_the_trace(ActivityTraceFlags flags, bool recorded)
    {
        await using var app = Build();
        app.Services.GetRequiredService<TracerProvider>();
        var parents = Enumerable
            .Range(0, 50)
            .Select(_ => new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true));

        Assert.That(parents.Select(IsRecorded), Has.All.EqualTo(recorded));
    }

    [TestCase("always_on", true)]
    [TestCase("always_off", false)]
    public async Task Should_take_the_sampler_that_the_environment_names(string sampler, bool recorded)
    {
        await using var app = Build("OTEL_TRACES_SAMPLER=" + sampler, "Governance:TraceShare=0.5");
        app.Services.GetRequiredService<TracerProvider>();

        Assert.That(Enumerable.Range(0, 50).Select(_ => IsRecorded(default)), Has.All.EqualTo(recorded));
    }

    private static WebApplication Build(params string[] settings) =>
        Service
            .Builder(
                "Host=127.0.0.1;Port=1;Database=none;Username=none",
                "amqp://nobody@127.0.0.1:1/none",
                "none",
                null,
                ["OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", .. settings]
            )
            .Build();

    private static string InstanceOf(WebApplication app) =>
        app
            .Services.GetRequiredService<TracerProvider>()
            .GetResource()
            .Attributes.Single(a => a.Key == "service.instance.id")
            .Value.ToString()!;

    private static bool IsRecorded(ActivityContext parent)
    {
        using var activity = Telemetry.Activities.StartActivity("test", ActivityKind.Internal, parent);
        return activity?.Recorded == true;
    }

    private static string PoolName(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags)
        {
            if (key.EndsWith("pool.name", StringComparison.Ordinal))
            {
                return value as string ?? "";
            }
        }

        return "";
    }
}
