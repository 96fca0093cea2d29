using Governance.Contracts.Issuance;

namespace Governance.Issuance.Holdings;

/// <summary>What a row has to say and nobody has confirmed yet.</summary>
internal sealed record PendingAnswer(HoldingObserved? Observed, HoldingFailed? Failed);
