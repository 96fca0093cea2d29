using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Governance.ServiceDefaults;

/// <summary>Where a service is to listen, looked at before anything of it is started: one that can't listen must take no message either.</summary>
internal static class ListeningAddresses
{
    /// <summary>Why one of the addresses can't be listened at, in one line; null when all can.</summary>
    public static string? FaultOf(IConfiguration configuration) =>
        Of(configuration).Select(a => FaultOf(a.Key, a.Url)).FirstOrDefault(fault => fault is not null);

    /// <summary>The same of an address that somebody else took in the meantime.</summary>
    public static string Taken(string message) => $"{message} End the process that listens there, or set another address.";

    private static IEnumerable<(string Key, string Url)> Of(IConfiguration configuration)
    {
        var endpoints = configuration
            .GetSection("Kestrel:Endpoints")
            .GetChildren()
            .Where(e => !string.IsNullOrEmpty(e["Url"]))
            .Select(e => ($"{e.Path}:Url", e["Url"]!))
            .ToList();
        // As the server has it: the one in place of the other.
        return endpoints.Count > 0 ? endpoints
            : configuration["urls"] is { Length: > 0 } urls ? Each("urls", urls, url => url)
            : Each("http_ports", configuration["http_ports"] ?? "", port => $"http://*:{port}");
    }

    private static IEnumerable<(string Key, string Url)> Each(string key, string values, Func<string, string> url) =>
        values.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(v => (key, url(v)));

    private static string? FaultOf(string key, string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"{key} is no address to listen at: set http://HOST:PORT.";
        }

        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return null;
        }

        return SocketFault(HostOf(address), address.Port) is { } fault
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{key}: {url} can't be listened at: {Words(fault, address.Port)}, or set {key} to another address."
            )
            : null;
    }

    // Whatever is no address of this machine means all of them, as the server has it.
    private static IPAddress HostOf(BindingAddress address) =>
        string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(address.Host.Trim('[', ']'), out var host) ? host
        : IPAddress.Any;

    private static SocketError? SocketFault(IPAddress host, int port)
    {
        using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(host, port));
            socket.Listen(1);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static string Words(SocketError fault, int port) =>
        fault switch
        {
            SocketError.AddressAlreadyInUse => string.Create(
                CultureInfo.InvariantCulture,
                $"another process has port {port}; end that one"
            ),
            SocketError.AccessDenied => string.Create(
                CultureInfo.InvariantCulture,
                $"this user may not listen at port {port}; start it as one that may"
            ),
            SocketError.AddressNotAvailable => "this machine has no such address; give it one",
            _ => string.Create(CultureInfo.InvariantCulture, $"{fault}; mend that"),
        };
}
