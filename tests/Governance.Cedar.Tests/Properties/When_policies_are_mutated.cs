using System.Text;
using CsCheck;
using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

/// <summary>Whatever a file or a stored bundle holds is accepted as it is meant or refused with a reason, never an exception.</summary>
public sealed class When_policies_are_mutated
{
    private static readonly string[] Annotations =
    [
        "id",
        "reason",
        "control",
        "advice",
        "approval",
        "maxDuration",
        "reviewWithin",
        "boundToTicket",
        "notBefore",
        "notify",
        "risk",
        "rationale",
    ];

    private static readonly string[] Tokens =
    [
        "@",
        "@approval(\"1 of owner\")",
        "@maxDuration",
        "\"",
        "\\u{0}",
        "\\",
        "permit",
        "forbid (principal, action, resource);",
        "?principal",
        "when { true }",
        "9223372036854775808",
        "é",
        "\0",
        "\ud83d\ude00",
        "\ud800",
        "//",
        "\r\n",
        "{",
        "}",
        ";",
        ";;",
        "::",
        "null",
    ];

    private static readonly Gen<string[]> Policies = Gen.Int[0, 49]
        .Array[1, 3]
        .Select(numbers => numbers.Distinct().Select(number => SamplePolicies.Bundle.Policies.Values.ElementAt(number).Text).ToArray());

    private static readonly Gen<(double Place, int How, string Token)> Edit = Gen.Select(
        Gen.Double[0, 1],
        Gen.Int[0, 5],
        Gen.OneOf(Tokens)
    );

    [Test]
    public void Should_be_accepted_as_written_or_refused_with_a_reason() =>
        Gen.Select(Policies, Edit.Array[1, 4])
            .Sample((policies, edits) => IsSound(Load(Mutate(string.Join("\n", policies), edits))), iter: 1000);

    [Test]
    public void Should_refuse_bytes_of_any_kind() =>
        Gen.Byte.Array[0, 200].Select(Encoding.Latin1.GetString).Sample(text => !Load(text).IsAccepted, iter: 1000);

    [Test]
    public void Should_refuse_every_annotation_with_another_name() =>
        Gen.Select(Policies, Gen.Int[0, 1000], Gen.Int[0, 20], Gen.Char['a', 'z'], Gen.Int[0, 3])
            .Sample(
                (policies, which, place, letter, how) =>
                {
                    var text = string.Join("\n", policies);
                    var names = Enumerable.Range(0, text.Length).Where(i => text[i] == '@' && (i == 0 || text[i - 1] == '\n')).ToList();
                    var start = names[which % names.Count] + 1;
                    var length = text.AsSpan(start).IndexOfAnyExceptInRange('A', 'z');
                    var name = text.Substring(start, length);
                    var other = Misspell(name, place % length, letter, how);
                    var result = Load(text[..start] + other + text[(start + length)..]);
                    return Annotations.Contains(other, StringComparer.Ordinal) || !result.IsAccepted && result.Faults.Count > 0;
                },
                iter: 1000
            );

    [Test]
    public void Should_refuse_stored_content_that_was_changed_or_take_it_for_another_bundle()
    {
        var stored = Texts.Bundle(Texts.MayRequest, Texts.Permit("p"), Texts.Gate("g", "1 of owner")).CanonicalJson;
        var digest = CanonicalJson.Digest(stored);
        Edit.Array[1, 3]
            .Sample(
                edits =>
                {
                    var text = Mutate(stored, edits);
                    var result = PolicyBundle.FromCanonicalJson(TheEngine.Shared, text);
                    return IsSound(result)
                        && (
                            result.Bundle?.Digest != digest
                            || string.Equals(
                                CanonicalJson.Canonicalize(System.Text.Json.JsonDocument.Parse(text).RootElement),
                                stored,
                                StringComparison.Ordinal
                            )
                        );
                },
                iter: 1000
            );
    }

    private static PolicyBundleResult Load(string text) =>
        PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("mutated.cedar", text)]);

    // Read again from the engine, not from what the reader made of it.
    private static bool IsSound(PolicyBundleResult result) =>
        result.IsAccepted
            ? result.Bundle.Policies.All(policy =>
                TheEngine.Shared.ParsePolicy(policy.Value.Text).Json!.Value.GetProperty("annotations") is var annotations
                && annotations.EnumerateObject().All(annotation => Annotations.Contains(annotation.Name, StringComparer.Ordinal))
                && annotations.GetProperty("id").ValueEquals(policy.Key)
                && annotations.TryGetProperty("approval", out _) == policy.Value.IsGate
                && annotations.TryGetProperty("maxDuration", out _) == policy.Value.MaxDuration is not null
            )
            : result.Faults.Count > 0 && result.Faults.All(fault => fault.Message.Length > 0);

    private static string Mutate(string text, (double Place, int How, string Token)[] edits) =>
        edits.Aggregate(
            text,
            (current, edit) =>
            {
                var at = (int)(edit.Place * Math.Max(0, current.Length - 1));
                var rest = current[Math.Min(current.Length, at + 1)..];
                return edit.How switch
                {
                    0 => current[..at] + rest,
                    1 => current[..at] + edit.Token + current[at..],
                    2 => current[..at] + edit.Token + rest,
                    3 => current[..at],
                    4 => current + current[at..],
                    _ => current[..at] + (char)(current.ElementAtOrDefault(at) ^ 1) + rest,
                };
            }
        );

    private static string Misspell(string name, int place, char letter, int how) =>
        how switch
        {
            0 => name.Remove(place, 1).Insert(place, letter.ToString()),
            1 => name.Insert(place, letter.ToString()),
            2 => name + letter,
            _ => name.Length > 1 ? name.Remove(place, 1) : name + letter,
        };
}
