using Governance.EndToEnd.Tests.Running;
using Governance.Targets;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>When nothing is under way, grants, Lifecycle, Issuance and the targets agree.</summary>
internal static class AgreementInvariants
{
    /// <summary>Desired is what active grants hold.</summary>
    public static IEnumerable<Violation> DesiredAsGranted(AllSides sides) =>
        sides
            .Holdings.Where(h => !h.Active.SetEquals(h.Desired?.Leases.Select(l => l.GrantId) ?? []))
            .Select(h => new Violation("Desired is not what active grants hold: " + h, h.Latest));

    /// <summary>Issuance has seen the newest revision, and both services believe that the target shows what is desired.</summary>
    public static IEnumerable<Violation> ObservedAsDesired(AllSides sides) =>
        sides.Holdings.Where(h => !IsObservedAsDesired(h)).Select(h => new Violation("Observed is not what is desired: " + h, h.Latest));

    public static IEnumerable<Violation> ThereAsGranted(AllSides sides, SuiteTarget target) =>
        sides
            .Holdings.Where(h => h.Target == target && h.IsThere != h.Active.Count > 0)
            .Select(h => new Violation(
                $"The target {(h.IsThere ? "shows what no" : "does not show what an")} active grant holds: " + h,
                h.Latest
            ));

    /// <summary>A target shows each holding once, or an account for each of its grants, and nothing else.</summary>
    public static IEnumerable<Violation> NothingElse(AllSides sides, SuiteTarget target)
    {
        var left = sides.Shown[target.Kind].ToList();
        foreach (var holding in sides.Holdings.Where(h => h.Target == target && h.Active.Count > 0))
        {
            Guid?[] owners = target.HasAccountPerGrant ? [.. holding.Active.Select(id => (Guid?)id)] : [null];
            foreach (var grant in owners)
            {
                if (left.FindIndex(one => IsFor(one, holding, grant)) is var found and >= 0)
                {
                    left.RemoveAt(found);
                }
                else
                {
                    yield return new Violation(
                        $"{target.Kind} does not show{(grant is null ? "" : $" for the grant {grant}")}: {holding}",
                        holding.Latest
                    );
                }
            }
        }

        foreach (var stray in left)
        {
            yield return new Violation($"{target.Kind} shows what nobody holds: {stray}");
        }
    }

    private static bool IsObservedAsDesired(HoldingSides holding)
    {
        if (holding.Desired is not { } desired)
        {
            return holding.Observed is null;
        }

        var grants = desired.Leases.Select(l => l.GrantId).ToHashSet();
        return holding.Observed is { } observed
            && observed.Revision == desired.Revision
            && observed.ObservedRevision == desired.Revision
            && observed.Direct == grants.Count > 0
            && desired.Observed?.Direct == observed.Direct
            && observed.Accounts is not null == holding.Target.HasAccountPerGrant
            && (observed.Accounts?.SetEquals(grants) ?? true);
    }

    // Targets name accounts of grants after the grant.
    private static bool IsFor(HeldAccess one, HoldingSides holding, Guid? grant) =>
        one.Account == holding.Account
        && one.Privilege == holding.Entitlement.Privilege
        && (
            grant is { } id
                ? one.GrantAccount?.Replace("-", "", StringComparison.Ordinal).Contains(id.ToString("N"), StringComparison.Ordinal) == true
                : one.GrantAccount is null
        );
}
