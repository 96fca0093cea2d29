namespace Governance.Targets.Http;

/// <summary>A web server of this process that plays a target, as the target's administrator has it.</summary>
internal interface ITargetServer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>What the real one would not have taken.</summary>
    IReadOnlyList<string> Complaints { get; }

    void CreateAccount(string name);

    void CreatePrivilege(string name);

    void DropAccount(string name);

    void DropPrivilege(string name);

    bool Has(string account, string privilege);

    /// <summary>Everything that anybody has.</summary>
    IReadOnlyList<HeldAccess> All();

    void Give(string account, string privilege);

    void Take(string account, string privilege);
}
