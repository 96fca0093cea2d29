using System.Text;
using Governance.Lifecycle.Grants;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Machine;

/// <summary>The picture in the documentation is made from the machine: <c>GOVERNANCE_UPDATE_DOCS=1</c> writes it.</summary>
public sealed class The_state_diagram
{
    private const string Begin =
        "<!-- generated from GrantStateMachine: GOVERNANCE_UPDATE_DOCS=1 dotnet test tests/Governance.Lifecycle.Tests -->";
    private const string End = "<!-- end of what is generated -->";

    [Test]
    public async Task Should_show_what_the_machine_does()
    {
        var path = RepositoryRoot.File("services", "Lifecycle", "Grants", "README.md");
        var text = await File.ReadAllTextAsync(path);
        var generated = await GenerateAsync(TheMachine.Alone());
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.That(begin, Is.GreaterThan(0).And.LessThan(end), "the marks of the generated part are missing");
        if (Environment.GetEnvironmentVariable("GOVERNANCE_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, text[..(begin + Begin.Length)] + "\n" + generated + text[end..]);
            return;
        }

        Assert.That(text[(begin + Begin.Length + 1)..end], Is.EqualTo(generated), "run once with GOVERNANCE_UPDATE_DOCS=1");
    }

    private static async Task<string> GenerateAsync(GrantStateMachine machine)
    {
        var picture = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        var transitions = Transitions.Of(machine);
        foreach (var state in GrantState.All.Prepend("Initial"))
        {
            foreach (
                var to in transitions
                    .Where(t => t.From == state && t.To != state)
                    .GroupBy(t => t.To, StringComparer.Ordinal)
                    .OrderBy(g => Place(g.Key))
            )
            {
                picture
                    .Append("    ")
                    .Append(state == "Initial" ? "[*]" : state)
                    .Append(" --> ")
                    .Append(to.Key)
                    .Append(" : ")
                    .AppendJoin(", ", to.Select(t => t.Event).Distinct(StringComparer.Ordinal))
                    .Append('\n');
            }
        }

        foreach (var state in GrantState.Final)
        {
            picture.Append("    ").Append(state).Append(" --> [*]\n");
        }

        picture.Append("```\n\n| State | Handles | Refuses (409) | Acknowledges | Ignores |\n|---|---|---|---|---|\n");
        foreach (var state in GrantState.All)
        {
            var by = new Dictionary<Handling, List<string>>();
            foreach (var name in Decided.EventsOf(machine))
            {
                var handling = await new Decided(machine).AskAsync(state, name);
                (by.TryGetValue(handling, out var names) ? names : by[handling] = []).Add(name);
            }

            string Of(Handling handling) => by.TryGetValue(handling, out var names) ? string.Join(", ", names) : "";
            picture
                .Append("| ")
                .AppendJoin(" | ", state, Of(Handling.Handled), Of(Handling.Refused), Of(Handling.Acknowledged), Of(Handling.Ignored))
                .Append(" |\n");
        }

        return picture.ToString();
    }

    private static int Place(string state) => GrantState.All.ToList().IndexOf(state);
}
