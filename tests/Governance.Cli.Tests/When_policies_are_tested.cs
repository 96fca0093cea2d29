using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

public sealed class When_policies_are_tested
{
    private const string World = """
        world:
          people: [{ name: ann }, { name: bob, groups: [oncall] }]
          principals: [{ id: svc-a, owner: ann }, { id: svc-b, owner: ann }, { id: agent, kind: ai-agent, owner: bob }]
          entitlements: [{ id: db/read }, { id: db/write, risk: high }]
          conflicts: [{ id: read-or-write, entitlements: [db/read, db/write] }]
        given: { principal: svc-a, entitlement: db/read }
        cases:

        """;

    [Test]
    public async Task Should_pass_the_cases_of_the_sample_policies()
    {
        var run = await CommandLine.RunAsync("policy", "test", RepositoryRoot.File("deploy", "policies"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Output, Does.Contain(", 0 failed"));
    }

    [Test]
    public async Task Should_show_what_was_expected_and_why_it_came_out_otherwise()
    {
        using var bundle = Everything("  - name: it is denied\n    expect: { outcome: forbid, reasons: [forbidden], duration: PT0S }");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(
            run.Lines,
            Is.SupersetOf(
                new[]
                {
                    "  FAIL  it is denied",
                    $"        {bundle.FileOf("a.test.yaml")}:8",
                    "        outcome: expected forbid, was permit",
                    "        reasons: expected [forbidden], was [permitted]",
                    "        duration: expected PT0S, was PT1H",
                    "        permit give: Everything is given.",
                    "0 passed, 1 failed",
                }
            ),
            run.ToString()
        );
    }

    [Test]
    public async Task Should_write_the_same_as_json()
    {
        using var bundle = Everything("  - { name: yes, expect: permit }\n  - { name: no, expect: forbid }");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path, "--output", "json");

        Assert.That(((int?)run.Json["passed"], (int?)run.Json["failed"]), Is.EqualTo((1, 1)));
        Assert.That(run.Json["cases"]!.AsArray().Select(c => (bool?)c!["passed"]), Is.EqualTo(new bool?[] { true, false }));
        Assert.That((string?)run.Json["cases"]![1]!["differences"]![0]!["actual"], Is.EqualTo("permit"));
        Assert.That((int?)run.Json["coverage"]!["give"], Is.EqualTo(2));
    }

    [Test]
    public async Task Should_lay_variations_over_what_is_given()
    {
        using var bundle = Everything(
            """
              - name: all is given
                given: { ticket: approved, duration: PT2H }
                expect: { outcome: permit, duration: PT2H }
                with:
                  - when: it is for a person
                    given: { principal: bob }
                    expect: { outcome: permit, duration: PT2H }
                  - when: it is for longer than anything may be
                    given: { duration: P40D }
                    expect: { outcome: permit, duration: P30D, cuts: [catalog] }
            """
        );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Lines, Does.Contain("  ok    all is given, when it is for a person").And.Contains("3 passed, 0 failed"));
    }

    [TestCase(
        "ticket: { state: approved, assurance: claimed }",
        "context.ticket.assurance == \"claimed\" && context.ticket.state == \"approved\""
    )]
    [TestCase("ticket: { assignee: ann }", "context.ticket has assignee && context.ticket.assignee == Governance::Human::\"ann\"")]
    [TestCase(
        "ticket: { configurationItem: db-1 }",
        "context.ticket has configurationItem && context.ticket.configurationItem == \"db-1\""
    )]
    [TestCase(
        "ticket: { changeWindow: { start: 2026-01-05T11:00:00Z, end: 2026-01-05T13:00:00Z } }",
        "context.ticket has changeWindow && context.ticket.changeWindow.start < context.now && context.now < context.ticket.changeWindow.end"
    )]
    [TestCase("now: 2027-02-03T04:05:06Z", "context.now == datetime(\"2027-02-03T04:05:06Z\")")]
    [TestCase("notBefore: 2027-02-03T04:05:06Z", "context has notBefore && context.notBefore == datetime(\"2027-02-03T04:05:06Z\")")]
    [TestCase("duration: PT3H", "context.duration == duration(\"3h\")")]
    [TestCase("held: { svc-a: [db/write] }", "context.held.contains(Governance::Entitlement::\"db/write\")")]
    [TestCase("held: { svc-b: [db/write] }", "context.actorHeld.contains(Governance::Entitlement::\"db/write\") && context.held.isEmpty()")]
    [TestCase(
        "onBehalfOf: [bob], held: { bob: [db/read] }",
        "context has delegation && context.delegation has heldUntil && context.delegation.held.contains(resource)"
    )]
    [TestCase("onBehalfOf: [bob, ann]", "context has delegation && context.delegation.depth == 2 && !(context.delegation has heldUntil)")]
    [TestCase(
        "change: { principals: { svc-a: { kind: workload, environment: test } } }",
        "principal is Governance::Workload && principal has environment && principal.environment == \"test\""
    )]
    [TestCase(
        "change: { principals: { svc-a: { owner: bob, sponsor: ann } } }",
        "principal is Governance::ServiceAccount && principal has sponsor && principal has owner && principal.owner == Governance::Human::\"bob\""
    )]
    [TestCase("change: { principals: { svc-a: { groups: [special] } } }", "principal in Governance::Group::\"special\"")]
    [TestCase(
        "change: { entitlements: { db/read: { risk: critical, privileges: [all] } } }",
        "resource.risk == \"critical\" && resource.privileges.contains(\"all\")"
    )]
    [TestCase(
        "change: { targets: { db: { tier: 1, environment: test } } }",
        "resource.target.tier == 1 && resource.target.environment == \"test\""
    )]
    [TestCase("via: amqp, source: elsewhere", "context.via == \"amqp\" && context.source == \"elsewhere\"")]
    [TestCase("requester: agent", "context.requester has aiAgent")]
    public async Task Should_let_policies_see_what_is_given(string given, string condition)
    {
        using var bundle = new Bundle()
            .With(
                "a.cedar",
                $$"""
                @id("ask")
                permit (principal, action == Governance::Action::"request", resource);

                @id("give")
                @risk("low")
                @rationale("A test.")
                permit (principal, action in Governance::Action::"hold", resource)
                when { {{(condition.Contains("ticket", StringComparison.Ordinal) ? "context has ticket && " : "")}}{{condition.Replace(
                    "context.ticket.state",
                    "context.ticket has state && context.ticket.state",
                    StringComparison.Ordinal
                )}} };
                """
            )
            .With(
                "a.test.yaml",
                World + $$"""  - { name: seen, given: { {{given}} }, expect: permit }""" + "\n  - { name: plain, expect: forbid }\n"
            );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_compare_gates_votes_and_obligations()
    {
        using var bundle = Everything(
                """
                  - name: the gate is open
                    given: { ticket: open }
                    expect: { outcome: approval-required, gates: [gate], obligations: { notify: ["group:oncall"], reviewWithin: P7D, boundToTicket: true } }
                    with:
                      - when: one on call agrees
                        given: { approvals: [bob] }
                        expect: { outcome: permit, gates: [{ id: gate, discharged: true }], uncounted: {} }
                      - when: the requester agrees
                        given: { approvals: [{ by: ann }] }
                        expect: { outcome: approval-required, gates: [{ id: gate, discharged: false }], uncounted: { ann: is-requester } }
                """
            )
            .With(
                "b.cedar",
                """
                @id("gate")
                @approval("1 of group:oncall")
                @notify("group:oncall")
                @reviewWithin("P7D")
                @boundToTicket
                forbid (principal, action == Governance::Action::"issue", resource);

                @id("approve")
                permit (principal, action == Governance::Action::"approve", resource);
                """
            );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_decide_on_renewal_and_retention_too()
    {
        using var bundle = Everything(
                """
                  - { name: issued, expect: { outcome: permit, policies: [give] } }
                  - { name: renewed, given: { purpose: renew }, expect: { outcome: forbid, policies: [no-renewal] } }
                  - { name: retained, given: { purpose: retain }, expect: permit }
                """
            )
            .With("b.cedar", "@id(\"no-renewal\")\nforbid (principal, action == Governance::Action::\"renew\", resource);");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_take_exemptions_into_account()
    {
        using var bundle = Everything(
                """
                  - name: a conflict
                    given: { held: { svc-b: [db/write] } }
                    expect: { outcome: forbid, policies: [duties] }
                    with:
                      - when: the person is exempt
                        given: { exemptions: [{ conflict: read-or-write, id: e-1, from: 2026-01-01T00:00:00Z, until: 2026-01-06T00:00:00Z }] }
                        expect: { outcome: permit, exemptions: [e-1] }
                      - when: the exemption is over
                        given: { exemptions: [{ conflict: read-or-write, from: 2025-01-01T00:00:00Z, until: 2025-01-06T00:00:00Z }] }
                        expect: forbid
                """
            )
            .With(
                "b.cedar",
                """
                @id("duties")
                forbid (principal, action in Governance::Action::"hold", resource)
                when { resource.conflicts.containsAny(context.actorHeld) };
                """
            );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_ask_about_breaking_glass_in_an_emergency()
    {
        using var bundle = Everything(
                """
                  - name: an emergency
                    given: { requester: ann, emergency: true, ticket: open }
                    expect: { outcome: permit, policies: [glass] }
                    with:
                      - when: it is only claimed
                        given: { emergencyAssurance: claimed }
                        expect: { outcome: forbid, reasons: [emergency-unverified] }
                      - when: an earlier one was not reviewed
                        given: { overdueReviews: [6f1c0a52-0d9b-4a53-8a0e-6a4d2c3b1f00] }
                        expect: forbid
                """
            )
            .With(
                "b.cedar",
                """
                @id("glass")
                @risk("high")
                @rationale("A test.")
                @reviewWithin("P1D")
                permit (principal, action == Governance::Action::"breakGlass", resource);
                """
            );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [Test]
    public async Task Should_name_the_policies_that_no_case_exercised()
    {
        using var bundle = Everything("  - { name: a, expect: permit }")
            .With("b.cedar", "@id(\"unused\")\nforbid (principal, action == Governance::Action::\"review\", resource);");

        var plain = await CommandLine.RunAsync("policy", "test", bundle.Path);
        var table = await CommandLine.RunAsync("policy", "test", bundle.Path, "--coverage");

        Assert.That(plain.Lines[^1], Is.EqualTo("not exercised by any case: unused"));
        Assert.That(table.Output, Does.Match(@"\| give +\| 1 +\|").And.Match(@"\| unused +\| 0 +\|"));
    }

    [Test]
    public async Task Should_run_what_is_asked_for()
    {
        using var bundle = Everything("  - { name: one, expect: permit }\n  - { name: two, expect: forbid }");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path, "--filter", "ONE");
        var none = await CommandLine.RunAsync("policy", "test", bundle.Path, "--filter", "three");

        Assert.That((run.ExitCode, none.ExitCode), Is.EqualTo((ExitCodes.Success, ExitCodes.Failure)));
        Assert.That(run.Lines, Does.Contain("1 passed, 0 failed"));
        Assert.That(none.Error, Does.Contain("no case contains 'three'"));
    }

    [Test]
    public async Task Should_fail_without_a_case_unless_that_is_allowed()
    {
        using var bundle = new Bundle().With("a.cedar", Bundle.Everything);

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);
        var allowed = await CommandLine.RunAsync("policy", "test", bundle.Path, "--allow-empty");

        Assert.That((run.ExitCode, allowed.ExitCode), Is.EqualTo((ExitCodes.Failure, ExitCodes.Success)));
        Assert.That(run.Error, Does.Contain("no case in"));
    }

    [Test]
    public async Task Should_read_cases_in_the_subdirectory_too()
    {
        using var bundle = Everything("  - { name: here, expect: permit }")
            .With("tests/b.test.yaml", World + "  - { name: there, expect: permit }\n");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path, "--output", "table");

        Assert.That(run.Output, Does.Contain("here").And.Contains("there").And.Contains("2 passed, 0 failed"));
    }

    [TestCase("  - { name: a, expect: permit, §tag: x }", "unknown key 'tag'")]
    [TestCase("  - { name: a, expect: §maybe }", "expected one of permit, approval-required, forbid")]
    [TestCase("  - { name: §a, expect: { reasons: [x] } }", "expect.outcome: is missing")]
    [TestCase("  - { name: a, given: { duration: §1h }, expect: permit }", "expected a duration such as PT4H")]
    [TestCase("  - { name: a, given: { now: §tomorrow }, expect: permit }", "expected a time such as")]
    [TestCase("  - { name: a, given: { emergency: §yes }, expect: permit }", "expected true or false")]
    [TestCase("  - { name: a, given: { principal: §svc-c }, expect: permit }", "no person or principal 'svc-c'")]
    [TestCase("  - { name: a, given: { entitlement: §db/own }, expect: permit }", "no entitlement 'db/own'")]
    [TestCase("  - { name: a, given: { held: { §bob: [db/read] } }, expect: permit }", "what bob holds does not matter")]
    [TestCase("  - { name: a, given: { change: { principals: { §bob: { active: false } } } }, expect: permit }", "nothing to do with bob")]
    [TestCase("  - { name: a, given: { approvals: §bob }, expect: permit }", "must be a list")]
    [TestCase("  - { name: §a, given: { ticket: { changeWindow: {} } }, expect: permit }", "changeWindow.start: is missing")]
    [TestCase("  - §{ expect: permit }", "name: is missing")]
    [TestCase("  - §{ name: a }", "has no expect")]
    [TestCase("  - { name: a, expect: permit }\n  - { name: §a, expect: permit }", "a second case is named 'a'")]
    [TestCase("  - { name: a, §name: b, expect: permit }", "name")]
    [TestCase("  - { name: a, with: [{ when: §x }] }", "lacks expect")]
    public async Task Should_say_where_a_file_is_wrong(string cases, string fault)
    {
        var before = (World + cases)[..(World.Length + cases.IndexOf('§', StringComparison.Ordinal))].Split('\n');
        using var bundle = Everything(cases.Replace("§", "", StringComparison.Ordinal));

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(
            run.Error.Split('\n'),
            Has.Some.StartsWith($"{bundle.FileOf("a.test.yaml")}:{before.Length}:{before[^1].Length + 1}: ").And.Contains(fault),
            run.ToString()
        );
    }

    [Test]
    public async Task Should_say_whether_the_requester_is_believed()
    {
        using var bundle = Everything(
                """
                  - name: somebody asks
                    given: { requester: bob }
                    expect: permit
                    with:
                      - when: a message only says so
                        given: { requesterAssurance: claimed }
                        expect: { outcome: forbid, reasons: [request-forbidden], policies: [believed] }
                """
            )
            .With(
                "b.cedar",
                """
                @id("believed")
                forbid (principal, action == Governance::Action::"request", resource)
                when { context.assurance == "claimed" };
                """
            );

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
    }

    [TestCase("cases: []", "say either catalog:")]
    [TestCase("catalog: nowhere\ncases: []", "no such directory")]
    [TestCase("world: { people: [{ name: ann }, { name: ann }] }\ncases: []", "appears 2 times")]
    [TestCase("world: {}\n", "cases: is missing")]
    [TestCase("[]", "must be one YAML document: a mapping")]
    [TestCase("a: b: c", ":1:5: ")]
    public async Task Should_say_what_a_file_lacks(string text, string fault)
    {
        using var bundle = new Bundle().With("a.cedar", Bundle.Everything).With("a.test.yaml", text);

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain(fault));
    }

    [Test]
    public async Task Should_not_test_a_bundle_that_is_refused()
    {
        using var bundle = Everything("  - { name: a, expect: permit }").With("b.cedar", "permit");

        var run = await CommandLine.RunAsync("policy", "test", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Error, Does.Contain("b.cedar:1:"));
    }

    private static Bundle Everything(string cases) =>
        new Bundle().With("a.cedar", Bundle.Everything).With("a.test.yaml", World + cases + "\n");
}
