using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Tests.Machine;

public sealed class Every_event_in_every_state
{
    private readonly GrantStateMachine _machine = TheMachine.Alone();

    private static IEnumerable<string> States() => GrantState.All;

    [TestCaseSource(nameof(States))]
    public async Task Should_be_decided(string state)
    {
        var undecided = new List<string>();
        foreach (var name in Decided.EventsOf(_machine))
        {
            if (await new Decided(_machine).AskAsync(state, name) == Handling.Undecided)
            {
                undecided.Add(name);
            }
        }

        Assert.That(undecided, Is.Empty);
    }

    [Test]
    public void Should_cover_the_states_and_events_that_the_machine_has()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                _machine.States.Select(s => s.Name).Except(["Initial", "Final"], StringComparer.Ordinal),
                Is.EquivalentTo(GrantState.All)
            );
            Assert.That(
                _machine.Events.Where(e => !_machine.IsCompositeEvent(e)).Select(e => e.Name).Except(Lifecycle, StringComparer.Ordinal),
                Is.EquivalentTo(Decided.EventsOf(_machine))
            );
        });
    }

    [Test]
    public async Task Should_tell_a_pair_that_nobody_decided_about()
    {
        // A state that the machine has, but in which nothing but a request is expected.
        Assert.That(await new Decided(_machine).AskAsync("Initial", nameof(GrantStateMachine.Revoke)), Is.EqualTo(Handling.Undecided));
    }

    [Test]
    public void Should_only_let_a_request_begin_a_grant() =>
        Assert.That(_machine.NextEvents(_machine.Initial).Select(e => e.Name), Is.EqualTo(new[] { nameof(GrantStateMachine.Requested) }));

    // What every state machine of the library has: entering and leaving its states.
    private static IEnumerable<string> Lifecycle =>
        ((string[])[.. GrantState.All, "Initial", "Final"]).SelectMany(s =>
            new[] { s + ".Enter", s + ".Leave", s + ".BeforeEnter", s + ".AfterLeave" }
        );
}
