namespace Governance.Connectors.PostgreSql;

/// <summary>What the suite's account may do at a server, as far as taking away depends on it.</summary>
/// <param name="ReadOnly">The server takes no changes.</param>
/// <param name="EndsSessions">It may end sessions of others.</param>
/// <param name="CreatesRoles">It may make and drop roles.</param>
/// <param name="Unrevocable">Those of the privileges that were asked about which it may not take away from anybody.</param>
/// <param name="TellsIdentity">It may ask the server who it is.</param>
/// <param name="Superusers">Those of the accounts that were asked about which are superusers, or members of one.</param>
/// <param name="Supports">Those of the accounts that were asked about which its own right to grant comes from.</param>
/// <param name="Owners">Those of the privileges that were asked about which own something.</param>
internal sealed record PostgreSqlRights(
    bool ReadOnly,
    bool EndsSessions,
    bool CreatesRoles,
    string[] Unrevocable,
    bool TellsIdentity,
    string[] Superusers,
    string[] Supports,
    string[] Owners
)
{
    /// <summary>What this means for giving access.</summary>
    /// <param name="identity">Who the server is.</param>
    /// <param name="places">The places that were asked about.</param>
    /// <param name="endsSessions">Taking away ends sessions.</param>
    /// <param name="makesRoles">Each grant has a role of its own.</param>
    public TargetPreflight For(string? identity, IEnumerable<TargetPlace> places, bool endsSessions, bool makesRoles)
    {
        List<string> obstacles = [];
        if (ReadOnly)
        {
            obstacles.Add("The server is read-only (a standby, or default_transaction_read_only): connect to the primary.");
        }

        if (endsSessions && !EndsSessions)
        {
            obstacles.Add(
                "The suite's account may not end sessions, which keep what was taken away: GRANT pg_signal_backend to it"
                    + (makesRoles ? "." : ", or set EndSessions=false.")
            );
        }

        if (makesRoles && !CreatesRoles)
        {
            obstacles.Add("The suite's account may not drop the roles of grants: it needs CREATEROLE.");
        }

        return new()
        {
            Identity = identity,
            Obstacles = obstacles,
            Places = [.. places.Select(Obstacle).OfType<PlaceObstacle>()],
            Limits =
            [
                .. TellsIdentity
                    ? (string[])[]
                    :
                    [
                        "The suite's account may not ask the server who it is, so that another one in its place is not noticed: GRANT EXECUTE ON FUNCTION pg_control_system() to it.",
                    ],
                .. Owners.Select(owner =>
                    $"{owner} owns objects: whoever is given it can keep them beyond the grant, as their owner or by functions that run as it. Name a role in the catalog that has rights on them and owns nothing."
                ),
            ],
        };
    }

    private PlaceObstacle? Obstacle(TargetPlace place)
    {
        string[] reasons =
        [
            .. Unrevocable.Contains(place.Privilege, StringComparer.Ordinal)
                ? (string[])["The suite's account may not take this role away from anybody: GRANT the role to it WITH ADMIN OPTION."]
                : [],
            .. Superusers.Contains(place.Account, StringComparer.Ordinal)
                ?
                [
                    $"{place.Account} is a superuser, or may act as one, whom no membership gives anything and no end takes anything from: name another account in the catalog.",
                ]
                : Array.Empty<string>(),
            .. Supports.Contains(place.Account, StringComparer.Ordinal)
                ?
                [
                    $"The suite's right to grant comes from {place.Account}: when a grant of that role ended, nobody's access could be taken away any more. Name another account in the catalog.",
                ]
                : Array.Empty<string>(),
        ];
        return reasons.Length == 0 ? null : new(place, string.Join(" ", reasons));
    }
}
