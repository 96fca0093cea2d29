namespace Governance.Targets;

/// <summary>Somebody who is logged in at a target.</summary>
public interface ITargetSession : IAsyncDisposable
{
    /// <summary>Uses the privilege. False when the target refuses, or the session has ended.</summary>
    Task<bool> WorksAsync();
}
