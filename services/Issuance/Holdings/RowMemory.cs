using Governance.Connectors;

namespace Governance.Issuance.Holdings;

/// <summary>What is remembered with the claimed row. Whoever has lost the claim remembers nothing, and so changes nothing.</summary>
internal sealed class RowMemory(HoldingStore store, HoldingClaim claim) : HoldingMemory(claim.Remembered)
{
    protected override async Task StoreAsync(string text, CancellationToken cancellationToken)
    {
        if (!await store.RememberAsync(claim, text, cancellationToken))
        {
            throw new ConnectorException(ConnectorErrors.Error, "The attempt's time was over before anything was changed.");
        }
    }
}
