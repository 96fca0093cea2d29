namespace Governance.Targets.Http;

/// <summary>A target that a web server of this process plays.</summary>
public abstract class ServerTarget : ConformanceTarget
{
    private readonly ITargetServer _server;
    private readonly ProxyFaults _faults;
    private int _names;

    /// <param name="server">Plays it.</param>
    /// <param name="giving">Bytes that are sent when access is given, and with nothing else.</param>
    /// <param name="taking">Bytes that are sent when access is taken away, and with nothing else.</param>
    private protected ServerTarget(ITargetServer server, string giving, string taking)
    {
        _server = server;
        _faults = new ProxyFaults(server.Port, [giving], [taking]);
    }

    public override TargetFaults Faults => _faults;

    /// <summary>What the connector connects to.</summary>
    protected int Port => _faults.Proxy.Port;

    public override Task<string?> CreateAccountAsync(string like) => CreateAsync(like, _server.CreateAccount);

    public override Task<string?> CreatePrivilegeAsync(string like) => CreateAsync(like, _server.CreatePrivilege);

    public override Task DropAccountAsync(string account)
    {
        _server.DropAccount(account);
        return Task.CompletedTask;
    }

    public override Task DropPrivilegeAsync(string privilege)
    {
        _server.DropPrivilege(privilege);
        return Task.CompletedTask;
    }

    public override Task<bool> HasAsync(string account, string privilege) => Task.FromResult(_server.Has(account, privilege));

    public override Task<IReadOnlyList<HeldAccess>> AllAsync() => Task.FromResult(_server.All());

    public override Task GiveAsync(string account, string privilege)
    {
        _server.Give(account, privilege);
        return Task.CompletedTask;
    }

    public override Task TakeAsync(string account, string privilege)
    {
        _server.Take(account, privilege);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
        GC.SuppressFinalize(this);
    }

    private Task<string?> CreateAsync(string like, Action<string> create)
    {
        var name = FormattableString.Invariant($"{like}_{Interlocked.Increment(ref _names)}");
        create(name);
        return Task.FromResult<string?>(name);
    }
}
