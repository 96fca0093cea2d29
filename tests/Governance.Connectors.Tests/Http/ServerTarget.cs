using Governance.Connectors.Tests.Conformance;

namespace Governance.Connectors.Tests.Http;

/// <summary>A target that a web server of this process plays.</summary>
public abstract class ServerTarget : ConformanceTarget
{
    private readonly ProxyFaults _faults;
    private int _names;

    /// <param name="port">The server's.</param>
    /// <param name="giving">Bytes that are sent when access is given, and with nothing else.</param>
    /// <param name="taking">Bytes that are sent when access is taken away, and with nothing else.</param>
    protected ServerTarget(int port, string giving, string taking) => _faults = new ProxyFaults(port, [giving], [taking]);

    public override TargetFaults Faults => _faults;

    /// <summary>What the connector connects to.</summary>
    protected int Port => _faults.Proxy.Port;

    protected string Unique(string like) => FormattableString.Invariant($"{like}_{Interlocked.Increment(ref _names)}");
}
