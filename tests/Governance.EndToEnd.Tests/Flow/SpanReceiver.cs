using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Flow;

/// <summary>Takes spans over OTLP/HTTP and finds out which service sent one of a given trace.</summary>
internal sealed class SpanReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<byte[]> _exports = new();

    private SpanReceiver()
    {
        Address = new Uri($"http://127.0.0.1:{Ports.Next().ToString(CultureInfo.InvariantCulture)}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ReceiveAsync();
    }

    public Uri Address { get; }

    public static SpanReceiver Start() => new();

    /// <summary>Names of the services that exported a span with this trace id.</summary>
    public IReadOnlyCollection<string> ServicesOf(string traceId)
    {
        var id = Convert.FromHexString(traceId);
        return [.. _exports.Where(e => e.AsSpan().IndexOf(id) >= 0).Select(ServiceOf).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether any export holds these bytes.</summary>
    public bool Holds(byte[] text) => _exports.Any(e => e.AsSpan().IndexOf(text) >= 0);

    public void Dispose() => _listener.Close();

    // One export comes from one process, so it has one resource: the attribute's key is followed by its value, each with a length.
    private static string ServiceOf(byte[] export)
    {
        var key = "service.name"u8;
        var at = export.AsSpan().IndexOf(key) + key.Length;
        return Encoding.UTF8.GetString(export, at + 4, export[at + 3]);
    }

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath.EndsWith("/traces", StringComparison.Ordinal))
                {
                    _exports.Enqueue(body.ToArray());
                }

                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
