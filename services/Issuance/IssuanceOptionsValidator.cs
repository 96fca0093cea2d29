using Governance.Connectors;
using Governance.ServiceDefaults;
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

        SettingBounds.Between(
            errors,
            "Issuance:PollInterval",
            options.PollInterval,
            TimeSpan.FromMilliseconds(50),
            TimeSpan.FromMinutes(1)
        );
        SettingBounds.Between(errors, "Issuance:ClaimMargin", options.ClaimMargin, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        SettingBounds.Between(
            errors,
            "Issuance:AnswerAgainAfter",
            options.AnswerAgainAfter,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromMinutes(1)
        );
        SettingBounds.Between(errors, "Issuance:BackOff", options.BackOff, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        SettingBounds.Between(errors, "Issuance:MaxBackOff", options.MaxBackOff, options.BackOff, TimeSpan.FromHours(1));
        SettingBounds.Between(errors, "Issuance:MaxRemovalBackOff", options.MaxRemovalBackOff, options.BackOff, TimeSpan.FromHours(1));
        SettingBounds.Between(
            errors,
            "Issuance:EndAfterLastLease",
            options.EndAfterLastLease,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromDays(1)
        );
        SettingBounds.Between(
            errors,
            "Issuance:PreflightInterval",
            options.PreflightInterval,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromHours(1)
        );
        SettingBounds.Between(errors, "Issuance:ReadAgainAfter", options.ReadAgainAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        SettingBounds.Between(
            errors,
            "Issuance:ReadAgainSpacing",
            options.ReadAgainSpacing,
            TimeSpan.FromMilliseconds(10),
            TimeSpan.FromMinutes(1)
        );
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

    private void Check(List<string> errors, string key, TargetOptions target)
    {
        if (string.IsNullOrWhiteSpace(target.Id))
        {
            errors.Add($"{key}:Id is missing: the target's id in the catalog.");
        }

        SettingBounds.Between(errors, $"{key}:Concurrency", target.Concurrency, 2, 64);
        SettingBounds.Between(
            errors,
            $"{key}:AttemptTimeout",
            target.AttemptTimeout,
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromMinutes(5)
        );
        SettingBounds.Between(errors, $"{key}:ConnectTimeout", target.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        if (target.ConnectTimeout > target.AttemptTimeout)
        {
            errors.Add(
                $"{key}:ConnectTimeout is {target.ConnectTimeout}, but must not be above {key}:AttemptTimeout, which is {target.AttemptTimeout}: an attempt would be over before it is connected."
            );
        }

        SettingBounds.Between(errors, $"{key}:Retries", target.Retries, 0, 10);
        SettingBounds.Between(errors, $"{key}:BreakAfter", target.BreakAfter, 2, 1000);
        SettingBounds.Between(
            errors,
            $"{key}:BreakAfterWindow",
            target.BreakAfterWindow,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromMinutes(10)
        );
        SettingBounds.Between(
            errors,
            $"{key}:BreakDuration",
            target.BreakDuration,
            TimeSpan.FromMilliseconds(500),
            TimeSpan.FromMinutes(1)
        );

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
