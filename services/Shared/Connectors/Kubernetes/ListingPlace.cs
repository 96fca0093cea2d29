namespace Governance.Connectors.Kubernetes;

/// <summary>Where a listing goes on.</summary>
/// <param name="ClusterWide">The RoleBindings are through.</param>
/// <param name="Continue">The server's own token; null at the beginning.</param>
internal sealed record ListingPlace(bool ClusterWide, string? Continue);
