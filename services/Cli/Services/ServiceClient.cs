using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Governance.Cli.Services;

/// <summary>Speaks HTTP with one service. Whatever fails on the way ends the command and says at which address.</summary>
internal sealed class ServiceClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string? _actor;

    /// <param name="address">Where the service is.</param>
    /// <param name="actor">Whom the service is told that it serves; null where it need not know.</param>
    public ServiceClient(Uri address, string? actor = null)
    {
        // Names are not all ASCII, and the services read their headers as UTF-8.
        var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        _actor = actor;
        if (actor is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Governance-Actor", Header("--as", actor));
        }
    }

    /// <summary>A document; null where the service knows none.</summary>
    public async Task<T?> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => await TextAsync(path, cancellationToken) is { } text ? Read<T>(text) : null;

    /// <summary>The body to the letter; null where the service knows none.</summary>
    public async Task<string?> TextAsync(string path, CancellationToken cancellationToken)
    {
        var (status, body) = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return status switch
        {
            HttpStatusCode.OK => body,
            HttpStatusCode.NotFound => null,
            HttpStatusCode.BadRequest => throw Refusal(status, body),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new CommandException(
                ExitCodes.Failure,
                Refusal(status, body).Message
            ),
            _ => throw Failure(status, body),
        };
    }

    /// <summary>Posts a document and reads the answer. What the service refuses is a wrong usage.</summary>
    /// <param name="path">Where.</param>
    /// <param name="document">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="key">The idempotency key, so that a repeat changes nothing.</param>
    public async Task<T> PostAsync<T>(string path, object document, CancellationToken cancellationToken, string? key = null)
        where T : class
    {
        using var content = new StringContent(JsonSerializer.Serialize(document, WireJson.Options), Encoding.UTF8, "application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Header("--key", key));
        }

        var (status, body) = await SendAsync(request, cancellationToken);
        return status switch
        {
            HttpStatusCode.OK or HttpStatusCode.Created => Read<T>(body),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => throw Refusal(status, body),
            _ => throw Failure(status, body),
        };
    }

    /// <summary>Posts an order whose answer says nothing more.</summary>
    /// <returns>False where the service knows nothing of the kind.</returns>
    public async Task<bool> OrderAsync(string path, object? document, CancellationToken cancellationToken)
    {
        using var content = document is null
            ? null
            : new StringContent(JsonSerializer.Serialize(document, WireJson.Options), Encoding.UTF8, "application/json");
        var (status, body) = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, cancellationToken);
        return status switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.NotFound => false,
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => throw Refusal(status, body),
            _ => throw Failure(status, body),
        };
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using (request)
            {
                using var answer = await _http.SendAsync(request, cancellationToken);
                return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCodes.Unreachable, $"{_http.BaseAddress} can't be reached: {e.Message}");
        }
    }

    private T Read<T>(string body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, WireJson.Options) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCodes.Unreachable, $"{_http.BaseAddress} answers what this program can't read: {e.Message}");
        }
    }

    // Spaces around a header's value are lost on the way, and a control character can't travel in one.
    private static string Header(string option, string value) =>
        value.FirstOrDefault(char.IsControl) is var control && control != default
            ? throw new CommandException(
                ExitCodes.Usage,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{option}: the value has the control character U+{(int)control:X4}; take it out."
                )
            )
        : value.Length == 0 || value.Trim().Length != value.Length
            ? throw new CommandException(ExitCodes.Usage, $"{option}: '{value}' is empty, or has spaces around it; take them out.")
        : value;

    private CommandException Refusal(HttpStatusCode status, string body) =>
        new(
            ExitCodes.Usage,
            ProblemOf(body) is not { } problem ? $"the service answers {(int)status}"
                // It names its header, which nobody gave here.
                : problem.Code == "unknown-actor" && _actor is not null
                    ? $"--as, or {ActorOption.Variable}: the catalog in force has no active principal '{_actor}'."
                : problem.Detail ?? $"the service answers {(int)status}"
        );

    private CommandException Failure(HttpStatusCode status, string body) =>
        new(ExitCodes.Unreachable, $"{_http.BaseAddress} answers {(int)status}{(Detail(body) is { } detail ? ": " + detail : "")}");

    private static string? Detail(string body) => ProblemOf(body)?.Detail;

    private static Problem? ProblemOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(body, WireJson.Options);
        }
        catch (JsonException)
        {
            return null; // Not from the suite: a proxy, perhaps.
        }
    }

    private sealed record Problem(string? Detail = null, string? Code = null);
}
