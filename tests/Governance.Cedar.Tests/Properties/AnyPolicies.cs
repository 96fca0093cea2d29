using System.Globalization;
using CsCheck;
using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

/// <summary>Random valid policies. They are made and validated once; a bundle is any few of them.</summary>
internal sealed class AnyPolicies
{
    private static readonly string[] Always = ["true"];

    private static readonly string[] OfTheGrantee =
    [
        "principal.active",
        "context.emergency",
        "context.requester.active",
        "context.requester has actor && context.requester.actor.active",
        "!(principal is Governance::Human) && principal has owner && principal.owner.active",
        "!(principal is Governance::Human) && principal has sponsor && principal.sponsor.active",
        "context has delegation && context.delegation has human && context.delegation.human.active",
        "context.requester.kind == \"human\"",
        "context has delegation",
        "context has delegation && context.delegation.verified && context.delegation.held.contains(resource)",
        "context has notBefore && context.notBefore > context.now",
        .. Shared("context"),
    ];

    private static readonly string[] OfWhoAsks =
    [
        "principal.active",
        "context.for.active",
        "context.for has actor && context.for.actor.active",
        "context.for.kind == \"ai-agent\"",
        .. Shared("context"),
    ];

    private static readonly string[] OfTheApprover =
    [
        "principal.active",
        "principal in Governance::Group::\"dba-oncall\"",
        "resource.requester.kind == \"human\"",
        "resource.entitlement.owner == principal",
        "resource.entitlement.owner.active && resource.entitlement.target.tier > 1",
        "resource.requester has actor && resource.requester.actor.active",
        "resource.principal has actor && resource.principal.actor.active",
        "context.via == \"http\"",
        "resource has ticket && resource.ticket.assurance == \"verified\"",
    ];

    // Well typed, and an error whenever they are reached.
    private static readonly string[] Errors =
    [
        "9223372036854775807 + 1 > 0",
        "Governance::Human::\"nobody\".active",
        "context.now.offset(duration(\"9223372036854775807ms\")) > context.now",
    ];

    private static readonly string[] Requirements =
    [
        "1 of owner",
        "1 of group:dba-oncall",
        "2 of group:dba-oncall",
        "1 of user:lee",
        "1 of group:audit and 1 of group:dba-oncall",
    ];

    private static readonly string[] Bounds = ["1m", "10m", "30m", "1h", "2h", "5h"];

    private readonly Random _random = new(20261123);

    private AnyPolicies()
    {
        var made = Enumerable.Range(0, 900).Select(Make).ToList();
        var result = PolicyBundle.FromFiles(
            TheEngine.Shared,
            [new PolicyFile("any.cedar", string.Join("\n", made.Select(one => one.Text)))]
        );
        var bundle = result.Bundle ?? throw new AssertionException(string.Join("\n", result.Faults));
        All = [.. made.Select(one => new AnyPolicy(bundle.Policies[one.Id], one.Action, one.Monotone, one.Broken))];
    }

    private static readonly Lazy<AnyPolicies> Made = new(() => new AnyPolicies());

    public IReadOnlyList<AnyPolicy> All { get; }

    /// <summary>A few, most of them permits so that something is permitted at times.</summary>
    /// <param name="monotone">Only such as grow no stricter when the duration becomes shorter.</param>
    public static Gen<AnyPolicy[]> Few(bool monotone)
    {
        var all = Made.Value.All.Where(one => !monotone || one.Monotone).ToArray();
        var permits = Array.FindAll(all, one => one.Policy.Effect == Contracts.Decisions.PolicyEffect.Permit);
        var open = Array.FindAll(permits, one => one.Policy.Text.Contains("when { true }", StringComparison.Ordinal));
        var mayAsk = Array.FindAll(open, one => one.Action is "request");
        var mayApprove = Array.FindAll(open, one => one.Action is "approve");
        return Gen.Select(
            Gen.OneOf(mayAsk).Array[0, 3],
            Gen.OneOf(mayApprove).Array[0, 3],
            Gen.OneOf(open).Array[1, 4],
            Gen.OneOf(permits).Array[0, 3],
            Gen.OneOf(Array.FindAll(all, one => one.Policy.IsGate)).Array[0, 3],
            Gen.OneOf(all).Array[0, 4],
            (ask, approve, some, more, gates, rest) =>
                (AnyPolicy[])[.. new[] { ask, approve, some, more, gates, rest }.SelectMany(one => one).Distinct()]
        );
    }

    public static Gen<AnyPolicy> One(Func<AnyPolicy, bool> which) => Gen.OneOf(Made.Value.All.Where(which).ToArray());

    public static PolicyBundle Bundle(IEnumerable<AnyPolicy> policies) =>
        new(GovernanceSchema.Text, policies.Distinct().Select(one => one.Policy));

    private static string[] Shared(string context) =>
        [
            "resource.risk == \"high\" || resource.risk == \"critical\"",
            "resource.target.tier > 1",
            "resource.owner.active",
            $"{context} has ticket && {context}.ticket has assignee && {context}.ticket.assignee.active",
            $"resource.conflicts.containsAny({context}.actorHeld)",
            $"{context}.held.isEmpty()",
            $"{context}.assurance == \"verified\"",
            $"{context} has ticket && {context}.ticket has state && {context}.ticket.state == \"approved\"",
            $"{context} has ticket && {context}.ticket has changeWindow && {context}.ticket.changeWindow.end > {context}.now",
            $"{context}.now < datetime(\"2026-11-23T12:00:00.001Z\")",
        ];

    private (string Id, string Action, string Text, bool Monotone, bool Broken) Make(int number)
    {
        var id = "any-" + number.ToString("D4", CultureInfo.InvariantCulture);
        var kind = _random.Next(20);
        var isGate = kind < 3;
        var isPermit = kind >= 8;
        var action = isGate
            ? Pick("issue", "renew", "issue+renew")
            : Pick("request", "issue", "renew", "retain", "hold", "breakGlass", "approve");
        var conditions = Enumerable.Range(0, _random.Next(3)).Select(_ => Pick(ConditionsOf(action))).ToList();
        var broken = !isPermit && _random.Next(8) == 0 || isPermit && _random.Next(25) == 0;
        if (broken)
        {
            conditions.Add(Pick(Errors));
        }

        // Nothing after the duration, so that no error appears or vanishes with it.
        var bounded = action is not "approve" && _random.Next(4) == 0;
        var upper = _random.Next(3) > 0;
        if (bounded)
        {
            conditions.Add($"context.duration {(upper == isPermit ? "<=" : ">")} duration(\"{Pick(Bounds)}\")");
        }

        var obliges = isGate || isPermit && action is not ("request" or "approve");
        var cuts = obliges && _random.Next(4) == 0;
        var inWindow = obliges && _random.Next(12) == 0;
        var annotations =
            $"@id(\"{id}\")"
            + (isGate ? $" @approval(\"{Pick(Requirements)}\")" : "")
            + (isPermit && obliges ? " @risk(\"low\") @rationale(\"any\")" : "")
            + (cuts ? $" @maxDuration(\"PT{Pick("1M", "20M", "1H", "3H")}\")" : "")
            + (inWindow ? " @notBefore(\"change-window\")" : "");
        var scope = action switch
        {
            "hold" => "action in Governance::Action::\"hold\"",
            "issue+renew" => "action in [Governance::Action::\"issue\", Governance::Action::\"renew\"]",
            _ => $"action == Governance::Action::\"{action}\"",
        };
        var condition = string.Join(
            " && ",
            (conditions.Count == 0 ? Always : [.. conditions]).Select(one => conditions.Count > 1 ? $"({one})" : one)
        );
        var text = $"{annotations}\n{(isPermit ? "permit" : "forbid")} (principal, {scope}, resource) when {{ {condition} }};";
        return (id, action, text, !bounded || upper && !cuts && !inWindow, broken);
    }

    private static string[] ConditionsOf(string action) =>
        action switch
        {
            "approve" => OfTheApprover,
            "request" or "breakGlass" => OfWhoAsks,
            _ => OfTheGrantee,
        };

    private string Pick(params string[] texts) => texts[_random.Next(texts.Length)];
}

/// <summary>A random policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Action">What its scope names.</param>
/// <param name="Monotone">It bounds the duration from above only, and what it obliges to does not depend on the duration.</param>
/// <param name="Broken">It has a part that is an error once reached.</param>
internal sealed record AnyPolicy(PolicyDefinition Policy, string Action, bool Monotone, bool Broken);
