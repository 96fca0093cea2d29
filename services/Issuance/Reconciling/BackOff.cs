using System.Security.Cryptography;

namespace Governance.Issuance.Reconciling;

internal static class BackOff
{
    /// <summary>Doubles with each failure up to a cap, then between half of it and all of it, so that holdings that failed together come back apart.</summary>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan cap)
    {
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        var bounded = Math.Min(doubled, cap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bounded * (0.5 + (RandomNumberGenerator.GetInt32(0, 1001) / 2000.0)));
    }
}
