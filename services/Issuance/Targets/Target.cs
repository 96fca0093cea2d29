using Governance.Connectors;
using Polly;

namespace Governance.Issuance.Targets;

/// <param name="Options">As configured.</param>
/// <param name="Connector">Reaches it.</param>
/// <param name="Pipeline">What each call goes through.</param>
/// <param name="ProbePipeline">The same for what is tried although the circuit is open.</param>
/// <param name="Circuit">Whether it is left alone.</param>
internal sealed record Target(
    TargetOptions Options,
    IConnector Connector,
    ResiliencePipeline Pipeline,
    ResiliencePipeline ProbePipeline,
    TargetCircuit Circuit
)
{
    public string Id => Options.Id;

    /// <summary>Whether its kind refuses what is older than the last change, wherever it may.</summary>
    public bool Fences { get; } = Connector.Capabilities.Fencing;

    /// <summary>It has turned out not to.</summary>
    public bool Unfenced => Fences && !Connector.Capabilities.Fencing;

    /// <summary>The target for an attempt that finds out whether it is back.</summary>
    public Target AsProbe() => this with { Pipeline = ProbePipeline };
}
