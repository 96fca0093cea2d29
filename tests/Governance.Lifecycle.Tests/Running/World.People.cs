using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Governance.Lifecycle.Tests.Running;

// Commands from people, over HTTP.
internal sealed partial class World
{
    public Task<(HttpStatusCode Status, JsonNode Body)> CommandAsync(
        Guid grant,
        string verb,
        string? who,
        string? key = null,
        object? body = null,
        string? ifMatch = null
    ) => PostAsync($"/v1/grants/{grant}/{verb}", who, key, body, ifMatch);

    public async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(
        string path,
        string? who,
        string? key = null,
        object? body = null,
        string? ifMatch = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (who is not null)
        {
            request.Headers.Add("X-Governance-Actor", who);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = body is string text
                ? new StringContent(text, System.Text.Encoding.UTF8, "application/json")
                : JsonContent.Create(body);
            await request.Content.LoadIntoBufferAsync();
        }

        using var answer = await Service.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path, string? who = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (who is not null)
        {
            request.Headers.Add("X-Governance-Actor", who);
        }

        using var answer = await Service.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
