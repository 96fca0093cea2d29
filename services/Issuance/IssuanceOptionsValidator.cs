using Governance.Connectors;
using Microsoft.Extensions.Options;

namespace Governance.Issuance;

internal sealed class IssuanceOptionsValidator(IEnumerable<ConnectorRegistration> connectors) : IValidateOptions<IssuanceOptions>
{
    public ValidateOptionsResult Validate(string? name, IssuanceOptions options)
    {
        List<string> errors = [];
        if (options.LifecycleSecret.Length < IssuanceOptions.MinSecretLength)
        {
            errors.Add(
                $"Issuance:LifecycleSecret is missing or short: set at least {IssuanceOptions.MinSecretLength} random characters, the same as Lifecycle:IssuanceSecret (the value is not shown)."
            );
        }

        Between(errors, "Issuance:PollInterval", options.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        Between(errors, "Issuance:ClaimMargin", options.ClaimMargin, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Between(errors, "Issuance:AnswerAgainAfter", options.AnswerAgainAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Between(errors, "Issuance:BackOff", options.BackOff, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Between(errors, "Issuance:MaxBackOff", options.MaxBackOff, options.BackOff, TimeSpan.FromHours(1));
        Between(errors, "Issuance:MaxRemovalBackOff", options.MaxRemovalBackOff, options.BackOff, TimeSpan.FromHours(1));
        Between(errors, "Issuance:EndAfterLastLease", options.EndAfterLastLease, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Between(errors, "Issuance:PreflightInterval", options.PreflightInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(errors, "Issuance:ReadAgainAfter", options.ReadAgainAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Between(errors, "Issuance:ReadAgainSpacing", options.ReadAgainSpacing, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        for (var i = 0; i < options.Targets.Count; i++)
        {
            Check(errors, FormattableString.Invariant($"Issuance:Targets:{i}"), options.Targets[i]);
        }

        foreach (var twice in options.Targets.GroupBy(t => t.Id, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            errors.Add($"Issuance:Targets has the Id '{twice.Key}' more than once.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Between<T>(List<string> errors, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{key} is {value}, but must be from {least} to {most}.");
        }
    }

    private void Check(List<string> errors, string key, TargetOptions target)
    {
        if (string.IsNullOrWhiteSpace(target.Id))
        {
            errors.Add($"{key}:Id is missing: the target's id in the catalog.");
        }

        Between(errors, $"{key}:Concurrency", target.Concurrency, 2, 64);
        Between(errors, $"{key}:AttemptTimeout", target.AttemptTimeout, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(5));
        Between(errors, $"{key}:ConnectTimeout", target.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        if (target.ConnectTimeout > target.AttemptTimeout)
        {
            errors.Add(
                $"{key}:ConnectTimeout is {target.ConnectTimeout}, but must not be above {key}:AttemptTimeout, which is {target.AttemptTimeout}: an attempt would be over before it is connected."
            );
        }

        Between(errors, $"{key}:Retries", target.Retries, 0, 10);
        Between(errors, $"{key}:BreakAfter", target.BreakAfter, 2, 1000);
        Between(errors, $"{key}:BreakAfterWindow", target.BreakAfterWindow, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Between(errors, $"{key}:BreakDuration", target.BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

        var connector = connectors.LastOrDefault(c => string.Equals(c.Kind, target.Kind, StringComparison.Ordinal));
        if (connector is null)
        {
            var known = string.Join(", ", connectors.Select(c => c.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            errors.Add($"{key}:Kind is '{target.Kind}', but must be one of: {known}.");
        }
        else if (string.IsNullOrWhiteSpace(target.ConnectionString))
        {
            errors.Add($"{key}:ConnectionString is missing.");
        }
        else
        {
            errors.AddRange(connector.Validate(Targets.TargetCatalog.Settings(target)).Select(e => $"{key}:ConnectionString {e}."));
        }
    }
}
