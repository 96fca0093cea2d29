using System.Text.Json;
using Governance.Contracts.Decisions;

namespace Governance.Cli.DryRuns;

/// <summary>What would be decided, and from which facts.</summary>
internal sealed record DryRunAnswer(Decision Decision, JsonElement Facts);
