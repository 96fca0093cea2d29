using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Governance.Connectors.Http;

namespace Governance.Connectors.Webhook;

/// <summary>Sends signed messages and questions to one receiver, and believes no answer to another one.</summary>
internal sealed class WebhookReceiver(HttpSender sender, WebhookSettings webhook, TimeProvider clock) : IDisposable
{
    private const string MediaType = "application/json";

    private const int MaxAnswer = 1024 * 1024;

    private const string Prefix = "msg_";

    private const int MaxTaken = 10_000;

    /// <summary>How often what is to be done was taken, since this process began.</summary>
    private readonly ConcurrentDictionary<Guid, int> _taken = new();

    /// <summary>Sends a message. Its id is the same each time that it is sent, until it was taken.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="data">What it says.</param>
    /// <param name="order">Names what is to be done; empty for a message that is sent once.</param>
    /// <param name="deadline">The attempt's end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<WebhookReply> PostAsync<T>(
        string type,
        T data,
        Guid order,
        AttemptDeadline deadline,
        CancellationToken cancellationToken
    )
    {
        var body = Payload(type, data);
        var id = order == Guid.Empty ? NewId() : IdOf(order);
        var times = new SendTimes(clock);
        var answer = await sender.SendAsync(
            () =>
            {
                var request = Request(HttpMethod.Post, webhook.Url, body, id, times.Next());
                request.Content = new ChangeContent(body, MediaType, deadline);
                return request;
            },
            MaxAnswer,
            deadline,
            cancellationToken
        );
        if (answer.IsSuccess && order != Guid.Empty)
        {
            Taken(order);
        }

        return new WebhookReply(answer, id);
    }

    /// <summary>Asks a question. What is signed is the JSON in the parameter <c>payload</c>, since a GET has no body.</summary>
    public async Task<WebhookReply> AskAsync<T>(string type, T data, CancellationToken cancellationToken)
    {
        var payload = Payload(type, data);
        var id = NewId();
        var times = new SendTimes(clock);
        var answer = await sender.SendAsync(
            () => Request(HttpMethod.Get, With(webhook.ReadUrl, payload), payload, id, times.Next()),
            MaxAnswer,
            null,
            cancellationToken
        );
        return new WebhookReply(answer, id);
    }

    public void Dispose() => sender.Dispose();

    private byte[] Payload<T>(string type, T data) =>
        JsonSerializer.SerializeToUtf8Bytes(new WebhookMessage<T>(type, clock.Now(), data), WireJson.Options);

    private static string NewId() => Prefix + Guid.CreateVersion7().ToString("N");

    // What was taken and is asked for again is another message: a receiver that knows the id would do nothing.
    private string IdOf(Guid order) =>
        _taken.TryGetValue(order, out var times)
            ? Prefix + NameBasedUuid.Create(order, times.ToString(CultureInfo.InvariantCulture)).ToString("N")
            : Prefix + order.ToString("N");

    private void Taken(Guid order)
    {
        if (_taken.Count >= MaxTaken)
        {
            _taken.Clear();
        }

        _taken.AddOrUpdate(order, 1, (_, times) => times + 1);
    }

    private HttpRequestMessage Request(HttpMethod method, Uri address, byte[] payload, string id, DateTimeOffset time)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
        request.Headers.CacheControl = new CacheControlHeaderValue { NoStore = true };
        webhook.Signature.Sign(request, id, time, payload);
        return request;
    }

    private static Uri With(Uri address, byte[] payload)
    {
        var separator = address.Query.Length == 0 ? "?" : "&";
        return new Uri(address.AbsoluteUri + separator + "payload=" + Uri.EscapeDataString(Encoding.UTF8.GetString(payload)));
    }
}

/// <summary>
/// When one message is sent, each time that it is: never twice in the same second, so that no two requests have the same signature, which a
/// receiver takes for a replay.
/// </summary>
internal sealed class SendTimes(TimeProvider clock)
{
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    public DateTimeOffset Next()
    {
        var (now, least) = (clock.GetUtcNow(), _last == DateTimeOffset.MinValue ? _last : _last.AddSeconds(1));
        return _last = now > least ? now : least;
    }
}

internal sealed record WebhookReply(HttpAnswer Answer, string Id)
{
    public HttpStatusCode Status => Answer.Status;

    /// <summary>Reads the answer's body.</summary>
    /// <returns>Null when it is of another type, or answers something else.</returns>
    public T? As<T>(string type)
        where T : class, IWebhookAnswer =>
        Answer.TryRead<T>(WireJson.Strict, out var answer, "application/json") && answer.Type == type && answer.Answers == Id
            ? answer
            : null;

    public ProblemAnswer? Problem => Answer.IsSuccess ? null : As<ProblemAnswer>(WebhookTypes.Problem);
}
