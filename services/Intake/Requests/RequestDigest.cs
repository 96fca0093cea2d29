using System.Security.Cryptography;
using System.Text;

namespace Governance.Intake.Requests;

/// <summary>Tells a repeat of a request from another request with the same id.</summary>
/// <remarks>
/// Over source, id and data with defaults filled in; the envelope's other attributes (time, extensions) differ between repeats. The
/// justification is in it only by its salted digest, so that erasing the text and its salt leaves nothing to guess at.
/// </remarks>
internal static class RequestDigest
{
    public static string Compute(AccessRequest request, string justificationDigest) =>
        CanonicalJson.Digest(CanonicalJson.Serialize(request with { Justification = justificationDigest }, WireJson.Options));

    /// <summary>Whether a request is the one that was received. An erased text can't be compared any more; the rest still is.</summary>
    public static bool IsOf(RequestReceived received, AccessRequest request, RequestText? text) =>
        string.Equals(
            Compute(request, text is null ? received.Justification : OfText(text.Salt, request.Justification)),
            received.Digest,
            StringComparison.Ordinal
        );

    public static string NewSalt() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>HMAC-SHA-256 of the text under its salt.</summary>
    public static string OfText(string salt, string text) =>
        "hmac-sha256:" + Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(salt), Encoding.UTF8.GetBytes(text)));
}
