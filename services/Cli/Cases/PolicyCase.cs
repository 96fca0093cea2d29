using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>A case that can be run.</summary>
/// <param name="File">Its file.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Name">For people; unique in its file.</param>
/// <param name="Purpose">What is decided.</param>
/// <param name="Now">The moment that policies see.</param>
/// <param name="Facts">Everything else.</param>
/// <param name="Expected">What has to come out.</param>
/// <param name="NameOf">The name of an opaque id, for people.</param>
internal sealed record PolicyCase(
    string File,
    long Line,
    string Name,
    DecisionPurpose Purpose,
    DateTimeOffset Now,
    AccessFacts Facts,
    Expectation Expected,
    Func<string, string> NameOf
);
