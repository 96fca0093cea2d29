namespace Governance.Connectors.Http;

/// <summary>The target's name leads to an address that is not allowed.</summary>
internal sealed class AddressRefusedException()
    : IOException("The target's name leads to an address that is not public and that no setting allows.");
