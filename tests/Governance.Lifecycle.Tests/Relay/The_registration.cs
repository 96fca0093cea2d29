using Governance.Lifecycle.Tests.Running;
using Governance.ServiceDefaults;
using Governance.Testing;
using Marten;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Tests.Relay;

public sealed class The_registration
{
    [Test]
    public async Task Should_skip_no_event()
    {
        await using var app = Build();
        var daemon = ((DocumentStore)app.Services.GetRequiredService<IDocumentStore>()).Options.Projections;

        foreach (var errors in new[] { daemon.Errors, daemon.RebuildErrors })
        {
            Assert.That(
                (errors.SkipUnknownEvents, errors.SkipSerializationErrors, errors.SkipApplyErrors),
                Is.EqualTo((false, false, false))
            );
        }
    }

    [Test]
    public async Task Should_decide_at_birth_what_is_costly_later()
    {
        await using var app = Build();
        var options = ((DocumentStore)app.Services.GetRequiredService<IDocumentStore>()).Options;

        Assert.That(options.Events.EnableUniqueIndexOnEventId);
        Assert.That(options.Events.UseExclusiveLockOnConcurrentAppends);
        Assert.That(options.Events.UseIdentityMapForAggregates, Is.True, "an aggregate is read once for each transaction");
        var metadata = options.Events.MetadataConfig;
        Assert.That(
            new[] { metadata.CorrelationIdEnabled, metadata.CausationIdEnabled, metadata.HeadersEnabled, metadata.UserNameEnabled },
            Is.All.True
        );
    }

    [Test]
    public async Task Should_send_no_usage_telemetry()
    {
        await using var app = Build();

        Assert.That(app.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled, Is.False);
        Assert.That(
            new ServiceCollection()
                .AddMassTransit(x => x.UsingInMemory())
                .BuildServiceProvider()
                .GetRequiredService<IOptions<UsageTelemetryOptions>>()
                .Value.Enabled,
            Is.True,
            "so this is where it is turned off"
        );
    }

    [Test]
    public async Task Should_name_every_missing_option_at_once()
    {
        var result = await Command.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Governance.Lifecycle.dll"), "--Governance:Tenant=NOT A NAME"],
            TimeSpan.FromSeconds(90)
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("ConnectionStrings:Database")
                .And.Contain("Bus:Url")
                .And.Contain("Lifecycle:CatalogDirectory")
                .And.Contain("Governance:Tenant")
                .And.Contain("4 error")
        );
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build() =>
        Service.Builder("Host=127.0.0.1;Port=1;Database=none;Username=none", "amqp://nobody@127.0.0.1:1/none", "none", null).Build();
}
