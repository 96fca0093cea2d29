using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_access_is_bounded
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string InWindow = Texts.Permit("p", annotations: """@notBefore("change-window")""");

    [Test]
    public void Should_start_and_end_within_the_change_window()
    {
        var decision = Deciding.Decide(Facts.Of().Ticket().Window(2 * Hour, 2.5 * Hour), InWindow);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour / 2)));
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(Hour, Hour / 2, "change-window") }));
        Assert.That(decision.Obligations.NotBefore, Is.EqualTo(Facts.Now + (2 * Hour)));
        Assert.That(decision.Steps[^1].Duration, Is.EqualTo(Hour / 2), "evaluated again with what is given");
    }

    [Test]
    public void Should_be_over_with_the_window_however_late_it_starts()
    {
        var facts = Facts.Of().Ticket().Window(2 * Hour, 4 * Hour);

        Assert.That(Deciding.Decide(facts, InWindow).NotAfter, Is.EqualTo(Facts.Now + (4 * Hour)));
        Assert.That(Deciding.Decide(facts, Texts.Permit("p")).NotAfter, Is.Null, "no policy asks for the window");
    }

    [Test]
    public void Should_not_be_bound_to_a_ticket_that_is_not_there()
    {
        var bound = Texts.Permit("p", annotations: "@boundToTicket");

        var decision = Deciding.Decide(Facts.Of(), bound);

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoTicket)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "p" }));
        Assert.That(Deciding.Decide(Facts.Of().Ticket(), bound).Outcome, Is.EqualTo(Outcome.Permit));
    }

    [Test]
    public void Should_start_at_once_in_a_window_that_is_open()
    {
        var decision = Deciding.Decide(Facts.Of().Ticket().Window(-Hour, 3 * Hour), InWindow);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour)));
        Assert.That(decision.Obligations.NotBefore, Is.Null);
    }

    [Test]
    public void Should_leave_the_rest_of_the_window_to_what_starts_within_it() =>
        Assert.That(
            Deciding.Decide(Facts.Of().Ticket().Window(-Hour, 3 * Hour).Starting(2.5 * Hour), InWindow).Duration,
            Is.EqualTo(Hour / 2)
        );

    [Test]
    public void Should_forbid_when_there_is_no_window_or_it_is_over()
    {
        Refused(Facts.Of(), DecisionReasons.NoChangeWindow);
        Refused(Facts.Of().Ticket(), DecisionReasons.NoChangeWindow);
        Refused(Facts.Of().Ticket().Window(-Hour, TimeSpan.Zero), DecisionReasons.ChangeWindowOver);
        Refused(Facts.Of().Ticket().Window(Hour, 2 * Hour).Starting(2 * Hour), DecisionReasons.ChangeWindowOver);
    }

    [Test]
    public void Should_refuse_a_window_that_ends_before_it_starts() =>
        Refused(Facts.Of().Ticket().Window(Hour, Hour), DecisionReasons.InvalidFacts);

    [Test]
    public void Should_care_for_no_window_that_no_policy_asks_for()
    {
        var decision = Deciding.Decide(Facts.Of().Ticket().Window(-Hour, TimeSpan.Zero), Texts.Permit("p"));

        Assert.That((decision.Outcome, decision.Obligations.NotBefore), Is.EqualTo((Outcome.Permit, (DateTimeOffset?)null)));
    }

    [Test]
    public void Should_keep_to_the_window_that_a_fired_gate_asks_for()
    {
        var decision = Deciding.Decide(
            Facts.Of().Ticket().Window(Hour, 1.25 * Hour).Approved("kim"),
            Texts.Permit("p"),
            Texts.Gate("g", "1 of owner", annotations: """@notBefore("change-window")""")
        );

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour / 4)));
        Assert.That(decision.Obligations.NotBefore, Is.EqualTo(Facts.Now + Hour));
    }

    [Test]
    public void Should_last_no_longer_than_any_counted_approver_agreed_to()
    {
        var facts = Facts.Of().Vote("kim").Voted(Hour / 2).Vote("omar").Voted(Hour / 3).Vote("lee").Voted(Hour / 4);
        var decision = Deciding.Decide(facts, Texts.Permit("p"), Texts.Gate("g", "1 of owner and 1 of group:dba-oncall"));

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour / 3)), "lee's was not needed");
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(Hour, Hour / 3, $"approval:{Facts.VoteId(2)}") }));
        Assert.That(decision.Steps.Select(step => step.Duration), Has.Some.EqualTo(Hour / 3));
    }

    [Test]
    public void Should_never_be_lengthened_by_an_approver()
    {
        var decision = Deciding.Decide(Facts.Of().Vote("kim").Voted(5 * Hour), Texts.Permit("p"), Texts.Gate("g", "1 of owner"));

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour)));
        Assert.That(decision.Cuts, Is.Empty);
    }

    [Test]
    public void Should_not_be_shortened_by_who_is_not_counted() =>
        Assert.That(
            Deciding
                .Decide(
                    Facts.Of().Vote("kim").Vote("omar", Assurance.Claimed).Voted(Hour / 3),
                    Texts.Permit("p"),
                    Texts.Gate("g", "1 of owner")
                )
                .Duration,
            Is.EqualTo(Hour)
        );

    [TestCase(0)]
    [TestCase(-1)]
    public void Should_refuse_an_approval_of_no_time(int hours) =>
        Refused(Facts.Of().Vote("kim").Voted(hours * Hour), DecisionReasons.InvalidFacts);

    [Test]
    public void Should_not_count_the_approval_of_an_earlier_revision()
    {
        var facts = Facts.Of().Vote("kim").Voted(revision: 1).Vote("kim").Voted(revision: 2);
        facts = facts with { Request = facts.Request with { Revision = 2 } };
        var decision = Deciding.Decide(facts, Texts.Permit("p"), Texts.Gate("g", "1 of owner"));

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit), "who approved the edited request, too, is counted");
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("kim", "stale") }));
        Assert.That(decision.Gates[0].Slots[0].Approval, Is.EqualTo(Facts.VoteId(2)));

        var stale = facts with { Approvals = [facts.Approvals[0] with { Revision = null }] };
        Assert.That(
            Deciding.Decide(stale, Texts.Permit("p"), Texts.Gate("g", "1 of owner")).Rejected(),
            Is.EqualTo(new[] { ("kim", "stale") }),
            "of before the first edit"
        );
    }

    [Test]
    public void Should_take_no_revision_for_the_first() =>
        Assert.That(
            Deciding.Decide(Facts.Of().Vote("kim").Voted(revision: 1), Texts.Permit("p"), Texts.Gate("g", "1 of owner")).Outcome,
            Is.EqualTo(Outcome.Permit)
        );

    [Test]
    public void Should_record_when_a_place_was_filled() =>
        Assert.That(
            Deciding.Decide(Facts.Of().Approved("kim"), Texts.Permit("p"), Texts.Gate("g", "1 of owner")).Gates[0].Slots[0].At,
            Is.EqualTo(Facts.Now)
        );

    private static void Refused(AccessFacts facts, string reason)
    {
        var decision = Deciding.Decide(facts, InWindow);
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, reason)));
    }
}
