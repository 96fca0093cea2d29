using System.Globalization;

namespace Governance.Expiry.Firing;

internal sealed record DueDeadline(
    Guid GrantId,
    string Kind,
    long Revision,
    DateTimeOffset Due,
    DateTimeOffset ArmedAt,
    int Firings,
    string? TraceParent
)
{
    /// <summary>The same for every repeat of one firing, whichever process makes it: a crash between publish and commit repeats it.</summary>
    public Guid MessageId =>
        NameBasedUuid.Create(
            NameBasedUuid.GovernanceNamespace,
            string.Join(
                '\n',
                "deadline",
                GrantId.ToString("D"),
                Kind,
                Revision.ToString(CultureInfo.InvariantCulture),
                (Firings + 1).ToString(CultureInfo.InvariantCulture)
            )
        );
}
