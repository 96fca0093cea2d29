using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The annotations of all determining permits and fired gates, the strictest of each.</summary>
internal static class ObligationRules
{
    /// <summary>Emergency access is reviewed within a day, unless a policy says otherwise.</summary>
    private static readonly TimeSpan EmergencyReview = TimeSpan.FromDays(1);

    public static Obligations Of(IEnumerable<PolicyDefinition> policies, bool emergency, DateTimeOffset? notBefore)
    {
        var binding = policies.ToList();
        return new Obligations
        {
            MaxDuration = binding.Min(policy => policy.MaxDuration),
            ReviewWithin = binding.Min(policy => policy.ReviewWithin) ?? (emergency ? EmergencyReview : null),
            NotBefore = notBefore,
            BoundToTicket = binding.Exists(policy => policy.BoundToTicket),
            Notify =
            [
                .. binding
                    .SelectMany(policy => policy.Notify)
                    .Select(recipient => recipient.ToString())
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>The policy that allows the shortest duration; null if none limits it.</summary>
    public static PolicyDefinition? Shortest(IEnumerable<PolicyDefinition> policies) =>
        policies
            .Where(policy => policy.MaxDuration is not null)
            .OrderBy(policy => policy.MaxDuration)
            .ThenBy(policy => policy.Id, StringComparer.Ordinal)
            .FirstOrDefault();
}
