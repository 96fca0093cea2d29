using Governance.Testing;

namespace Governance.Targets;

/// <summary>Trouble on the way to a real server. A step is told by bytes that are sent with it and with nothing else.</summary>
public sealed class ProxyFaults(int serverPort, IReadOnlyList<string> giving, IReadOnlyList<string> taking) : TargetFaults
{
    /// <summary>What stands between.</summary>
    public FaultProxy Proxy { get; } = FaultProxy.Start(serverPort);

    public override IReadOnlyList<string> Giving => giving;

    public override IReadOnlyList<string> Taking => taking;

    public override int Struck => Proxy.Triggered;

    public override void Slow(TimeSpan time) => Proxy.Delay(time);

    public override void Refuse() => Proxy.Refuse();

    public override void HangAfter(string step) => Proxy.SwallowAnswersAfter(step);

    public override void CutAfter(string step) => Proxy.CutAfter(step);

    public override void Heal() => Proxy.Heal();

    public override ValueTask DisposeAsync() => Proxy.DisposeAsync();
}
