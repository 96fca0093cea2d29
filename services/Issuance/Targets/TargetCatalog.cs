using Governance.Connectors;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace Governance.Issuance.Targets;

/// <summary>The configured targets, each with its connector and its pipeline.</summary>
internal sealed class TargetCatalog : IAsyncDisposable
{
    public TargetCatalog(
        IOptions<IssuanceOptions> options,
        IEnumerable<ConnectorRegistration> connectors,
        ResiliencePipelineRegistry<string> pipelines,
        IServiceProvider services,
        ILogger<TargetCatalog> logger
    )
    {
        All = [.. options.Value.Targets.Select(Create)];

        Target Create(TargetOptions target)
        {
            var circuit = new TargetCircuit();
            return new(
                target,
                connectors.Last(c => string.Equals(c.Kind, target.Kind, StringComparison.Ordinal)).Create(services, Settings(target)),
                pipelines.GetOrAddPipeline("target:" + target.Id, b => TargetPipeline.Configure(b, target, circuit, logger)),
                pipelines.GetOrAddPipeline("probe:" + target.Id, b => TargetPipeline.ConfigureProbe(b, target, circuit)),
                circuit
            );
        }
    }

    public IReadOnlyList<Target> All { get; }

    public static ConnectorSettings Settings(TargetOptions target) =>
        new()
        {
            Target = target.Id,
            ConnectionString = target.ConnectionString,
            Concurrency = target.Concurrency,
            ConnectTimeout = target.ConnectTimeout,
        };

    public async ValueTask DisposeAsync()
    {
        foreach (var target in All)
        {
            await target.Connector.DisposeAsync();
        }
    }
}
