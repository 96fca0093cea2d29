using System.Diagnostics.CodeAnalysis;

namespace Governance.Cedar.Bundles;

/// <summary>A bundle, or every reason why there is none. A bundle is accepted whole or refused whole.</summary>
public sealed class PolicyBundleResult
{
    internal PolicyBundleResult(PolicyBundle bundle)
    {
        Bundle = bundle;
        Faults = [];
    }

    internal PolicyBundleResult(IReadOnlyList<BundleFault> faults) => Faults = faults;

    /// <summary>The bundle; null when it was refused.</summary>
    public PolicyBundle? Bundle { get; }

    /// <summary>Every fault that was found, in the order of files and lines; empty when the bundle was accepted.</summary>
    public IReadOnlyList<BundleFault> Faults { get; }

    /// <summary>Whether there is a bundle.</summary>
    [MemberNotNullWhen(true, nameof(Bundle))]
    public bool IsAccepted => Bundle is not null;
}
