using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>
/// The change of a membership as a function of the session's own: a server compiles a statement of that kind whenever it comes, and a function
/// once. Where the account may not make one, or sessions don't last, it stays a statement.
/// </summary>
internal sealed class MembershipFunction(bool sessionsLast, TimeProvider clock)
{
    private readonly OwnObject _function = new(Sql.MakeMembershipFunction, clock);

    /// <returns>Whether the session has it.</returns>
    public async Task<bool> EnsureAsync(
        NpgsqlConnection connection,
        bool exists,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (!sessionsLast || exists || _function.RefusedLately)
        {
            return sessionsLast && exists;
        }

        if (await _function.TryMakeAsync(connection, deadline, cancellationToken))
        {
            return true;
        }

        _function.Refuse();
        return false;
    }
}
