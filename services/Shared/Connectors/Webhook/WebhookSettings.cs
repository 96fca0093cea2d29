using System.Net;
using System.Security.Cryptography;
using System.Text;
using Governance.Connectors.Http;

namespace Governance.Connectors.Webhook;

internal sealed record WebhookSettings
{
    private const int MaxSecrets = 4;

    private static readonly TimeSpan LeastGone = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MostGone = TimeSpan.FromDays(30);

    public required Uri Url { get; init; }

    public required Uri ReadUrl { get; init; }

    public required WebhookSignature Signature { get; init; }

    public required IReadOnlyList<IPNetwork> AllowedNetworks { get; init; }

    public required TimeSpan GoneFor { get; init; }

    /// <summary>
    /// Which receiver it is, as far as can be told: where it is, with a digest of the whole addresses, whose paths and queries may name a
    /// tenant, or be a secret. Secrets that sign are changed in the ordinary course of things, so they are not in it.
    /// </summary>
    public string Identity
    {
        get
        {
            var addresses = Encoding.UTF8.GetBytes($"{Url.AbsoluteUri}\n{ReadUrl.AbsoluteUri}");
            return $"webhook:{ReadUrl.GetLeftPart(UriPartial.Authority)} sha256:{Convert.ToHexStringLower(SHA256.HashData(addresses))[..16]}";
        }
    }

    public static IEnumerable<string> Validate(ConnectorSettings settings) => SettingsText.Validate(settings, Read);

    public static WebhookSettings Of(ConnectorSettings settings) => SettingsText.Read(settings, Read);

    private static WebhookSettings Read(SettingsText text)
    {
        var networks = Networks(text);
        var guard = new AddressGuard(networks);
        var url = Reachable(text, "Url", text.Address("Url", required: true, query: true), guard);
        return new WebhookSettings
        {
            Url = url!,
            ReadUrl = Reachable(text, "ReadUrl", text.Address("ReadUrl", required: false, query: true), guard) ?? url!,
            Signature = new WebhookSignature(Secrets(text)),
            AllowedNetworks = networks,
            GoneFor = GoneTime(text),
        };
    }

    // A name can lead elsewhere tomorrow; a literal address, and localhost, can't.
    private static Uri? Reachable(SettingsText text, string key, Uri? address, AddressGuard guard)
    {
        var literal =
            address is null ? null
            : IPAddress.TryParse(address.DnsSafeHost, out var written) ? written
            : address.IsLoopback ? IPAddress.Loopback
            : null;
        if (
            literal is not null
            && !guard.Permits(literal)
            && !(address!.DnsSafeHost == "localhost" && guard.Permits(IPAddress.IPv6Loopback))
        )
        {
            text.Say($"has a {key} whose address is not public, and which AllowNetworks does not allow: nothing would ever be sent there");
        }

        return address;
    }

    private static List<byte[]> Secrets(SettingsText text)
    {
        List<byte[]> secrets = [];
        var words = text.Required("Secrets").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            if (WebhookSignature.TryReadSecret(word, out var secret))
            {
                secrets.Add(secret);
            }
            else
            {
                text.Say("has Secrets of which one is not whsec_ and 24 to 64 bytes in base64");
            }
        }

        if (words.Length > MaxSecrets)
        {
            text.Say("has more than four Secrets");
        }

        return secrets;
    }

    private static List<IPNetwork> Networks(SettingsText text)
    {
        List<IPNetwork> networks = [];
        foreach (var word in (text.Text("AllowNetworks") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            // One with bits behind its length is a slip that would allow more than was meant.
            if (
                IPNetwork.TryParse(word, out var network)
                && IPAddress.TryParse(word.Split('/')[0], out var first)
                && network.BaseAddress.Equals(first)
            )
            {
                networks.Add(network);
            }
            else
            {
                text.Say("has AllowNetworks of which one is not a network such as 10.1.0.0/16 or fd00:1::/32");
            }
        }

        return networks;
    }

    private static TimeSpan GoneTime(SettingsText text)
    {
        if (text.Text("GoneFor") is not { } word)
        {
            return TimeSpan.FromHours(1);
        }

        if (IsoDuration.TryParse(word, out var time) && time >= LeastGone && time <= MostGone)
        {
            return time;
        }

        text.Say("has a GoneFor that is not a duration from PT1M to P30D");
        return TimeSpan.FromHours(1);
    }
}
