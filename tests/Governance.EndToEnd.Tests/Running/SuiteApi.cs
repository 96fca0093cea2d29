using System.Net;
using System.Text;
using System.Text.Json;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>An answer over HTTP.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body)
{
    public string? State =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("state", out var state) ? state.GetString() : null;

    public string? Text(string member) => Body.TryGetProperty(member, out var value) ? value.ToString() : null;

    public override string ToString() => $"{(int)Status} {Body}";
}

/// <summary>The HTTP doors of the suite. A replica that does not answer is passed over.</summary>
internal sealed class SuiteApi(IReadOnlyList<Uri> intake, IReadOnlyList<Uri> lifecycle) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    public async Task<Answer?> GetAsync(Guid grant) =>
        await LifecycleAsync(HttpMethod.Get, $"/v1/grants/{grant}") is { Status: HttpStatusCode.OK } answer ? answer : null;

    public Task<Answer> HistoryAsync(Guid grant) => LifecycleAsync(HttpMethod.Get, $"/v1/grants/{grant}/history");

    public Task<Answer> CommandAsync(Guid grant, string verb, string actor, string? key = null, string? body = null) =>
        LifecycleAsync(HttpMethod.Post, $"/v1/grants/{grant}/{verb}", actor, key, body);

    public Task<Answer> GetAsync(string path, string? actor = null) => LifecycleAsync(HttpMethod.Get, path, actor);

    public Task<Answer> PostAsync(string path, string actor, string body) => LifecycleAsync(HttpMethod.Post, path, actor, body: body);

    /// <exception cref="HttpRequestException">Intake does not answer.</exception>
    public Task<Answer> RequestAsync(string cloudEvent, string? actor = null) =>
        AtAnyAsync(
            intake,
            address =>
            {
                var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/requests"))
                {
                    Content = new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json"),
                };
                if (actor is not null)
                {
                    message.Headers.Add("X-Governance-Actor", actor);
                }

                return message;
            }
        );

    public void Dispose() => _http.Dispose();

    private Task<Answer> LifecycleAsync(HttpMethod method, string path, string? actor = null, string? key = null, string? body = null) =>
        AtAnyAsync(
            lifecycle,
            address =>
            {
                var message = new HttpRequestMessage(method, new Uri(address, path));
                if (actor is not null)
                {
                    message.Headers.Add("X-Governance-Actor", actor);
                }

                if (key is not null)
                {
                    message.Headers.Add("Idempotency-Key", key);
                }

                if (body is not null)
                {
                    message.Content = new StringContent(body, Encoding.UTF8, "application/json");
                }

                return message;
            }
        );

    private async Task<Answer> AtAnyAsync(IReadOnlyList<Uri> replicas, Func<Uri, HttpRequestMessage> request)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var message = request(replicas[i]);
                return await SendAsync(message);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && i + 1 < replicas.Count)
            {
                // The next replica.
            }
        }
    }

    private async Task<Answer> SendAsync(HttpRequestMessage message)
    {
        using var response = await _http.SendAsync(message);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
