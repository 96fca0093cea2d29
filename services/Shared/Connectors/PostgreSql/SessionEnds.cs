namespace Governance.Connectors.PostgreSql;

/// <summary>Which sessions end with the access that they may have gone on with by SET ROLE.</summary>
internal enum SessionEnds
{
    None,
    Own,

    /// <summary>Also those of the account's members.</summary>
    Members,
}
