using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Governance.Targets.Webhook;

/// <summary>Verifies as docs/webhook.md tells receivers to, with nothing of the sender's code.</summary>
internal sealed class WebhookVerifier(TimeProvider clock, params IReadOnlyList<string> secrets)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <returns>Why it is refused; null when it is genuine.</returns>
    public string? Verify(IHeaderDictionary headers, byte[] payload)
    {
        if (headers["webhook-id"] is not [{ Length: > 0 } id] || id.Contains('.', StringComparison.Ordinal))
        {
            return "no id";
        }

        if (
            headers["webhook-timestamp"] is not [{ } timestamp]
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance
        )
        {
            return "not of this time";
        }

        if (headers["webhook-signature"] is not [{ } signature])
        {
            return "no signature";
        }

        using var content = new MemoryStream();
        content.Write(Encoding.UTF8.GetBytes(id + "." + timestamp + "."));
        content.Write(payload);
        if (!secrets.Any(secret => Fits(secret, content.ToArray(), signature)))
        {
            return "another signature";
        }

        lock (_seen)
        {
            return _seen.Add(signature) ? null : "a replay";
        }
    }

    private static bool Fits(string secret, byte[] content, string header)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret["whsec_".Length..]));
        mac.AppendData(content);
        var expected = mac.GetHashAndReset();
        return header
            .Split(' ')
            .Where(one => one.StartsWith("v1,", StringComparison.Ordinal))
            .Any(one => CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(one["v1,".Length..]), expected));
    }
}
