using Governance.Messaging;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Governance.EndToEnd.Tests.Flow;

public sealed class The_bus_specs
{
    [Test]
    public async Task Should_not_report_usage_to_anybody()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddBus();
        await using var app = builder.Build();
        Assert.That(app.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled, Is.False);

        // That the option exists and would be on: else this test proves nothing.
        var plain = WebApplication.CreateBuilder();
        plain.Services.AddMassTransit(bus => bus.UsingInMemory());
        await using var other = plain.Build();
        Assert.That(other.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled, Is.True);
    }
}
