using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Api;

/// <summary>Issuance, where sealed credentials wait.</summary>
internal sealed class SealedCredentials(HttpClient http, IOptions<LifecycleOptions> options)
{
    public bool Configured => options.Value.IssuanceUrl is not null;

    /// <summary>The number of the credential that waits; null when none does.</summary>
    /// <exception cref="HttpRequestException">Issuance does not answer.</exception>
    public async Task<int?> ReadyAsync(Guid grant, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, Of(grant), content: null, cancellationToken);
        return await BodyAsync(answer, cancellationToken) is { } body ? body["number"]!.GetValue<int>() : null;
    }

    /// <summary>The sealed credential, which is not there any more from then on; null when it is not there.</summary>
    /// <exception cref="HttpRequestException">Issuance does not answer.</exception>
    public async Task<string?> TakeAsync(Guid grant, int number, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, Of(grant) + "/take", JsonContent.Create(new { number }), cancellationToken);
        return await BodyAsync(answer, cancellationToken) is { } body ? body["credential"]!.GetValue<string>() : null;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string address,
        HttpContent? content,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.IssuanceSecret);
        return await http.SendAsync(request, cancellationToken);
    }

    private string Of(Guid grant) => new Uri(options.Value.IssuanceUrl!, $"/v1/credentials/{grant}").ToString();

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }

        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
    }
}
