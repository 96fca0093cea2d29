using Microsoft.Extensions.DependencyInjection;

namespace Governance.Targets;

/// <summary>A target of one kind as its own administrator has it. A connector is judged by what this says, never by what it says itself.</summary>
public abstract class ConformanceTarget : IAsyncDisposable
{
    /// <summary>The target's settings. Whatever the connector sends goes through <see cref="Faults"/>.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>What nobody may read in a message or a log: the passwords and keys in <see cref="ConnectionString"/>.</summary>
    public abstract IReadOnlyList<string> Secrets { get; }

    /// <summary>Trouble between the connector and the target.</summary>
    public abstract TargetFaults Faults { get; }

    /// <summary>Whether giving to an account that does not exist fails.</summary>
    public virtual bool KnowsAccounts => true;

    /// <summary>Whether giving a privilege that does not exist fails.</summary>
    public virtual bool KnowsPrivileges => true;

    /// <summary>How long after a lease's end the target may end access by itself.</summary>
    public virtual TimeSpan NativeEndSkew => TimeSpan.Zero;

    /// <summary>Adds the kind, as Issuance does.</summary>
    public abstract void Register(IServiceCollection services);

    /// <summary>Creates an account that has nothing.</summary>
    /// <returns>Its name, which is the given one with something behind it; null when the target can't have such a name.</returns>
    public abstract Task<string?> CreateAccountAsync(string like);

    /// <summary>Creates a privilege that nobody has.</summary>
    /// <returns>Its name as in a catalog, with the given one in it; null when the target can't have such a name.</returns>
    public abstract Task<string?> CreatePrivilegeAsync(string like);

    /// <summary>Drops an account with all that it has.</summary>
    public abstract Task DropAccountAsync(string account);

    /// <summary>Drops a privilege from all that have it.</summary>
    public abstract Task DropPrivilegeAsync(string privilege);

    /// <summary>Whether the account has the privilege, or an account that is there for one of its grants.</summary>
    public abstract Task<bool> HasAsync(string account, string privilege);

    /// <summary>
    /// All that accounts have which were created here, and all that gives a privilege which was created here, whoever gave it. An account
    /// that is there for a grant is told also when it has nothing.
    /// </summary>
    public abstract Task<IReadOnlyList<HeldAccess>> AllAsync();

    /// <summary>Gives the privilege to the account itself, as an administrator does who knows nothing of the suite.</summary>
    public abstract Task GiveAsync(string account, string privilege);

    /// <summary>Takes away what the suite gave, as an administrator does who knows nothing of the suite.</summary>
    public abstract Task TakeAsync(string account, string privilege);

    /// <summary>Logs in as the account; null where nobody logs in.</summary>
    public virtual Task<ITargetSession?> LogInAsync(string account, string privilege) => Task.FromResult<ITargetSession?>(null);

    /// <summary>Logs in with a grant's credential, which opens the privilege; null when the target refuses it.</summary>
    /// <remarks>Needed where each lease has an account of its own.</remarks>
    public virtual Task<ITargetSession?> LogInAsync(Credential credential, string privilege) =>
        throw new NotSupportedException("This kind has no accounts of grants.");

    /// <summary>Whether there is an account of this name.</summary>
    /// <remarks>Needed where each lease has an account of its own.</remarks>
    public virtual Task<bool> ExistsAsync(string account) => throw new NotSupportedException("This kind has no accounts of grants.");

    /// <summary>Removes what it created, as far as that is in the way of others.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await Faults.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
