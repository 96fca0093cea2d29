using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Connectors.Webhook;

/// <summary>Standard Webhooks 1.0.0, scheme v1: HMAC-SHA256 over id, time and payload; one signature for each secret, so that secrets can be changed.</summary>
internal sealed class WebhookSignature(IReadOnlyList<byte[]> secrets)
{
    private const string Prefix = "whsec_";

    public static bool TryReadSecret(string text, out byte[] secret)
    {
        secret = new byte[64];
        if (
            !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(text[Prefix.Length..], secret, out var length)
            || length < 24
        )
        {
            return false;
        }

        secret = secret[..length];
        return true;
    }

    /// <summary>Sets the three headers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">The message's id; no dot.</param>
    /// <param name="time">When it is sent.</param>
    /// <param name="payload">What is signed with them.</param>
    public void Sign(HttpRequestMessage request, string id, DateTimeOffset time, ReadOnlySpan<byte> payload)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] content = [.. Encoding.UTF8.GetBytes($"{id}.{seconds}."), .. payload];
        var signatures = secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, content)));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", seconds);
        request.Headers.Add("webhook-signature", string.Join(' ', signatures));
    }
}
