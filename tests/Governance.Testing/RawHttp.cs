using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Testing;

/// <summary>An answer as it came, its body as JSON when it is.</summary>
public sealed record RawAnswer(int Status, string Head, string Text)
{
    public JsonNode Body => JsonNode.Parse(Text)!;
}

/// <summary>Sends what no client library would: bytes of our own making over a connection of their own.</summary>
public static class RawHttp
{
    /// <param name="address">The service's address.</param>
    /// <param name="request">The request, head and body, with CR LF line ends; <c>Connection: close</c> is for the caller to add.</param>
    public static async Task<RawAnswer> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(limit.Token);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = end < 0 ? answer : answer[..end];
        var body = end < 0 ? "" : answer[(end + 4)..];
        return new RawAnswer(
            int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture),
            head,
            head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? Joined(body) : body
        );
    }

    /// <summary>A POST whose body comes in the given chunks, or in whatever else is given as its body.</summary>
    public static string Chunked(string path, string? who, string body, string type = "application/json") =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: {type}\r\n"
        + (who is null ? "" : $"X-Governance-Actor: {who}\r\n")
        + "\r\n"
        + body;

    /// <summary>A body as well-formed chunks, each of a few bytes.</summary>
    public static string Chunks(string body) =>
        string.Concat(body.Chunk(7).Select(c => $"{c.Length:x}\r\n{new string(c)}\r\n")) + "0\r\n\r\n";

    private static string Joined(string chunks)
    {
        var text = new StringBuilder();
        var bytes = Encoding.UTF8.GetBytes(chunks).AsSpan();
        while (bytes.IndexOf("\r\n"u8) is > 0 and var line)
        {
            var length = int.Parse(Encoding.ASCII.GetString(bytes[..line]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            text.Append(Encoding.UTF8.GetString(bytes.Slice(line + 2, length)));
            bytes = bytes[(line + 2 + length + 2)..];
        }

        return text.ToString();
    }
}
