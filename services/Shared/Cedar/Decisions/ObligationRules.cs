using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The annotations of all determining permits and fired gates, the strictest of each.</summary>
internal static class ObligationRules
{
    public static Obligations Of(IEnumerable<PolicyDefinition> policies)
    {
        var binding = policies.ToList();
        return new Obligations
        {
            MaxDuration = binding.Min(policy => policy.MaxDuration),
            ReviewWithin = binding.Min(policy => policy.ReviewWithin),
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
