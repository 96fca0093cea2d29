using System.Text.Json;
using System.Text.RegularExpressions;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Bundles;

/// <summary>Reads one policy and its annotations, strictly: what is misspelt must not be silently without effect.</summary>
internal sealed partial class PolicyReader
{
    private static readonly string[] Known =
    [
        "id",
        "reason",
        "control",
        "advice",
        "approval",
        "maxDuration",
        "reviewWithin",
        "maxUnreviewed",
        "boundToTicket",
        "notBefore",
        "notify",
        "risk",
        "rationale",
    ];

    private readonly JsonElement _policy;
    private readonly Dictionary<string, string?> _annotations;
    private readonly List<string> _faults = [];

    private PolicyReader(JsonElement policy)
    {
        _policy = policy;
        _annotations = policy.TryGetProperty("annotations", out var annotations)
            ? annotations
                .EnumerateObject()
                .ToDictionary(annotation => annotation.Name, annotation => annotation.Value.GetString(), StringComparer.Ordinal)
            : new Dictionary<string, string?>(StringComparer.Ordinal);
    }

    /// <summary>The policy, and what is wrong with it. The id is there even when there are faults, if it could be read.</summary>
    public static (PolicyDefinition Policy, IReadOnlyList<string> Faults) Read(JsonElement policy, string text)
    {
        var reader = new PolicyReader(policy);
        return (reader.Read(text), reader._faults);
    }

    private PolicyDefinition Read(string text)
    {
        var policy = new PolicyDefinition
        {
            Id = Take("id", ReadId) ?? string.Empty,
            Text = text,
            Json = _policy,
            Effect = _policy.GetProperty("effect").ValueEquals("permit") ? PolicyEffect.Permit : PolicyEffect.Forbid,
            Reason = Take("reason", ReadText),
            Control = Take("control", ReadText),
            Advice = Take("advice", ReadText),
            Approval = Take("approval", ReadApproval),
            MaxDuration = Take<TimeSpan?>("maxDuration", ReadDuration),
            ReviewWithin = Take<TimeSpan?>("reviewWithin", ReadDuration),
            MaxUnreviewed = Take<int?>("maxUnreviewed", ReadCount),
            BoundToTicket = Take<bool?>("boundToTicket", ReadFlag, valueless: true) ?? false,
            InChangeWindow = Take<bool?>("notBefore", ReadStart) ?? false,
            Notify = Take("notify", ReadRecipients) ?? [],
            Risk = Take<Risk?>("risk", ReadRisk),
            Rationale = Take("rationale", ReadText),
            Scope = ActionScope.Read(_policy),
            Named = [.. NamedEntities.In(_policy.GetProperty("conditions"))],
        };
        _faults.AddRange(
            _annotations.Keys.Order(StringComparer.Ordinal).Where(name => !Known.Contains(name, StringComparer.Ordinal)).Select(Unknown)
        );
        Check(policy, policy.Scope);
        return policy;
    }

    private static string Unknown(string name) => $"unknown annotation @{name}: expected one of @{string.Join(", @", Known)}";

    private void Check(PolicyDefinition policy, ActionScope scope)
    {
        if (!_annotations.ContainsKey("id"))
        {
            _faults.Add("the policy has no @id");
        }

        // What is written counts, also where its value can't be read: one mistake must not hide another.
        var isGate = _annotations.ContainsKey("approval");
        if (isGate && policy.Effect == PolicyEffect.Permit)
        {
            _faults.Add("@approval on a permit: a gate is a forbid that approvals discharge");
        }
        else if (isGate && !scope.IsGateable)
        {
            _faults.Add("@approval on a forbid that does not name the action issue and/or renew, and no other, in its scope");
        }

        var gives = policy.Effect == PolicyEffect.Permit && scope.Gives;
        if (gives && !_annotations.ContainsKey("risk"))
        {
            _faults.Add("a permit that can let something through with nobody asked needs @risk");
        }

        if (gives && !_annotations.ContainsKey("rationale"))
        {
            _faults.Add("a permit that can let something through with nobody asked needs @rationale");
        }

        if (_annotations.ContainsKey("maxUnreviewed") && !(policy.Effect == PolicyEffect.Permit && scope.Covers("breakGlass")))
        {
            _faults.Add("@maxUnreviewed has no effect here: it belongs on a permit for breakGlass");
        }

        if (!gives && !isGate)
        {
            string[] obligations = ["maxDuration", "reviewWithin", "boundToTicket", "notBefore", "notify"];
            _faults.AddRange(
                obligations
                    .Where(_annotations.ContainsKey)
                    .Select(name =>
                        $"@{name} has no effect here: it belongs on a gate, or on a permit for issue, renew, retain, hold or breakGlass"
                    )
            );
        }
    }

    private T? Take<T>(string name, Func<string, string, T?> read, bool valueless = false)
    {
        if (!_annotations.TryGetValue(name, out var value))
        {
            return default;
        }

        if (value is null && !valueless)
        {
            _faults.Add($"@{name} has no value");
            return default;
        }

        return read(name, value ?? string.Empty);
    }

    private string? ReadId(string name, string value) =>
        IdForm().IsMatch(value)
            ? value
            : Refuse<string>(name, value, "1 to 128 letters, digits, '.', '_', '-', '/', starting with a letter or digit");

    private string? ReadText(string name, string value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            return value;
        }

        _faults.Add($"@{name} is empty");
        return null;
    }

    private ApprovalRequirement? ReadApproval(string name, string value)
    {
        if (ApprovalRequirement.TryParse(value, out var requirement, out var fault))
        {
            return requirement;
        }

        _faults.Add($"@{name}(\"{value}\"): {fault}");
        return null;
    }

    private TimeSpan? ReadDuration(string name, string value) =>
        IsoDuration.TryParse(value, out var duration) && duration > TimeSpan.Zero
            ? duration
            : Refuse<TimeSpan?>(name, value, "an ISO 8601 duration longer than zero, for example PT8H");

    private int? ReadCount(string name, string value) =>
        value is [>= '1' and <= '9'] ? value[0] - '0' : Refuse<int?>(name, value, "a number from 1 to 9");

    private bool? ReadFlag(string name, string value) =>
        value is "" or "true" ? true : Refuse<bool?>(name, value, "no value, or \"true\"; leave it away for false");

    private bool? ReadStart(string name, string value) => value is "change-window" ? true : Refuse<bool?>(name, value, "\"change-window\"");

    private IReadOnlyList<Approvers>? ReadRecipients(string name, string value)
    {
        var recipients = new List<Approvers>();
        foreach (var part in value.Split(", ", StringSplitOptions.None))
        {
            if (!Approvers.TryParse(part, out var recipient))
            {
                return Refuse<IReadOnlyList<Approvers>>(name, value, "group:NAME, owner or user:ID, separated by ', '");
            }

            recipients.Add(recipient);
        }

        return recipients;
    }

    private Risk? ReadRisk(string name, string value) =>
        value switch
        {
            "low" => Risk.Low,
            "medium" => Risk.Medium,
            "high" => Risk.High,
            "critical" => Risk.Critical,
            _ => Refuse<Risk?>(name, value, "low, medium, high or critical"),
        };

    private T? Refuse<T>(string name, string value, string expected)
    {
        _faults.Add($"@{name}(\"{value}\"): expected {expected}");
        return default;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}\z", RegexOptions.CultureInvariant, RegexTimeout.Milliseconds)]
    private static partial Regex IdForm();
}
