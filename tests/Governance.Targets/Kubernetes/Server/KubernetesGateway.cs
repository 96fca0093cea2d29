using System.Net;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Governance.Targets.Kubernetes.Server;

/// <summary>
/// Stands between a connector and an API server, with a certificate of its own, since trouble with one call can only be made where it can
/// be read. A step is an HTTP method. In front of it is a TCP proxy for trouble with the network.
/// </summary>
internal sealed class KubernetesGateway : TargetFaults
{
    private readonly WebServer _web;
    private readonly HttpClient _upstream;
    private readonly SemaphoreSlim _held = new(0);
    private volatile Trigger? _trigger;
    private FaultProxy? _proxy;
    private int _struck;
    private int _passed;

    private KubernetesGateway(HttpClient upstream)
    {
        _upstream = upstream;
        _web = new WebServer(app => app.Run(ForwardAsync));
    }

    private enum Fault
    {
        Hang,
        Cut,
        Hold,
        Answer,
    }

    public override IReadOnlyList<string> Giving => ["POST"];

    public override IReadOnlyList<string> Taking => ["PUT"];

    public override int Struck => Volatile.Read(ref _struck);

    /// <summary>How many calls the server has answered.</summary>
    public int Passed => Volatile.Read(ref _passed);

    /// <summary>What the server answered last.</summary>
    public HttpStatusCode LastStatus { get; private set; }

    /// <summary>Where the connector connects.</summary>
    public Uri Address => new UriBuilder(_web.Address) { Port = _proxy!.Port }.Uri;

    /// <summary>PEM of the authority that signed its certificate.</summary>
    public string Authority => _web.Authority;

    public static async Task<KubernetesGateway> StartAsync(HttpClient upstream)
    {
        var gateway = new KubernetesGateway(upstream);
        await gateway._web.StartAsync();
        gateway._proxy = FaultProxy.Start(gateway._web.Address.Port);
        return gateway;
    }

    public override void Slow(TimeSpan time) => _proxy!.Delay(time);

    public override void Refuse() => _proxy!.Refuse();

    public override void HangAfter(string step) => _trigger = new(step, Fault.Hang);

    public override void CutAfter(string step) => _trigger = new(step, Fault.Cut);

    /// <summary>Once: keeps the call from the server until <see cref="LetGo"/>, also when the client is gone by then.</summary>
    public void HoldBefore(string step) => _trigger = new(step, Fault.Hold);

    /// <summary>Passes on what <see cref="HoldBefore"/> keeps.</summary>
    public void LetGo() => _held.Release();

    /// <summary>Once: gives an answer of its own; the server hears nothing.</summary>
    public void AnswerInstead(string step, Func<HttpContext, Task> answer) => _trigger = new(step, Fault.Answer) { Answer = answer };

    /// <summary>Until it is healed: gives an answer of its own; the server hears nothing.</summary>
    public void AnswerAlwaysInstead(string step, Func<HttpContext, Task> answer) =>
        _trigger = new(step, Fault.Answer) { Answer = answer, Stays = true };

    public override void Heal()
    {
        _trigger = null;
        _proxy!.Heal();
    }

    public override async ValueTask DisposeAsync()
    {
        await _proxy!.DisposeAsync();
        await _web.DisposeAsync();
        _held.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var hit =
            _trigger is { } armed
            && armed.Step == context.Request.Method
            && (armed.Stays || ReferenceEquals(Interlocked.CompareExchange(ref _trigger, null, armed), armed))
                ? armed
                : null;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        if (hit is { Answer: { } own })
        {
            Interlocked.Increment(ref _struck);
            await own(context);
            return;
        }

        if (hit is { Fault: Fault.Hold })
        {
            Interlocked.Increment(ref _struck);
            await _held.WaitAsync();
        }

        using var answer = await PassOnAsync(context.Request, buffer.ToArray());
        LastStatus = answer.StatusCode;
        Interlocked.Increment(ref _passed);
        if (hit is { Fault: Fault.Hang or Fault.Cut })
        {
            Interlocked.Increment(ref _struck);
        }

        if (hit is { Fault: Fault.Hang })
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        else if (hit is { Fault: Fault.Cut })
        {
            context.Abort();
        }
        else
        {
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            context.Response.Headers.Date = answer.Headers.Date?.ToString("R");
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    private async Task<HttpResponseMessage> PassOnAsync(HttpRequest request, byte[] body)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), request.GetEncodedPathAndQuery());
        message.Headers.TryAddWithoutValidation("Authorization", request.Headers.Authorization.ToString());
        if (body.Length > 0)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        return await _upstream.SendAsync(message);
    }

    private sealed record Trigger(string Step, Fault Fault)
    {
        public Func<HttpContext, Task>? Answer { get; init; }

        public bool Stays { get; init; }
    }
}
