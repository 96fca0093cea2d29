using System.Security.Cryptography;
using System.Text;

namespace Governance.Lifecycle.Texts;

/// <summary>What a person wrote, kept beside the streams: events hold only its salted digest, so it can be erased without touching evidence.</summary>
public sealed record PersonalText
{
    /// <summary>The salted digest by which events refer to it.</summary>
    public required string Id { get; init; }

    public required Guid GrantId { get; init; }

    public required string Salt { get; init; }

    public required string Text { get; init; }

    public static PersonalText Of(Guid grantId, string text)
    {
        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return new PersonalText
        {
            Id = CanonicalJson.Digest(Encoding.UTF8.GetBytes(salt + "\n" + text)),
            GrantId = grantId,
            Salt = salt,
            Text = text,
        };
    }
}
