using System.Net;
using Governance.Connectors.Http;
using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Webhook;

/// <summary>Any receiver that takes desired holdings by signed POST and tells by signed GET what it has: docs/webhook.md says how.</summary>
/// <remarks>
/// <para>
/// Requests are signed as Standard Webhooks 1.0.0 says. A message keeps its id over all its retries, until it was taken; each question has its
/// own. What makes a repeated message harmless is its revision, which is also the fence: a receiver that has applied a higher one answers 409.
/// </para>
/// <para>
/// Redirects are not followed. Addresses that are not public are not connected to unless a setting allows their network. A receiver that
/// answers 410 gets nothing more for a while, loudly. Answers repeat the id of the request; any other is an error, and nothing is concluded
/// from it.
/// </para>
/// </remarks>
public sealed partial class WebhookConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.Webhook;

    private const int MaxItems = 1000;

    private const int MaxPaths = 20;

    private const int MaxText = 512;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestLookAgain = TimeSpan.FromHours(1);

    private readonly WebhookSettings _webhook;
    private readonly WebhookReceiver _receiver;
    private readonly string _target;
    private readonly string _identity;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly long _origin;
    private long _goneUntilTicks;

    /// <param name="settings">
    /// The target. Keys of its connection string: <c>Url</c> (where holdings are posted), <c>ReadUrl</c> (where state is asked for; the same
    /// unless given), <c>Secrets</c> (one to four <c>whsec_…</c> with spaces between, each of which signs), <c>AllowNetworks</c> (networks
    /// beyond the public ones, with commas between), <c>GoneFor</c> (how long 410 counts, PT1H), <c>AllowHttp</c> (false; for Development).
    /// </param>
    /// <param name="clock">Stamps messages and observations.</param>
    /// <param name="logger">Hears of a receiver that is gone.</param>
    /// <exception cref="ArgumentException">The settings are wrong; the text holds no secret.</exception>
    public WebhookConnector(ConnectorSettings settings, TimeProvider clock, ILogger<WebhookConnector> logger)
        : this(settings, clock, logger, resolve: null) { }

    internal WebhookConnector(
        ConnectorSettings settings,
        TimeProvider clock,
        ILogger<WebhookConnector> logger,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve
    )
    {
        _webhook = WebhookSettings.Of(settings);
        var handler = HttpSender.CreateHandler(settings);
        handler.ConnectCallback = new AddressGuard(_webhook.AllowedNetworks, resolve).ConnectAsync;
        _receiver = new WebhookReceiver(new HttpSender(handler, clock, expect: true), _webhook, clock);
        (_target, _identity) = (settings.Target, _webhook.Identity);
        _clock = clock;
        _logger = logger;
        _origin = clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; } =
        new()
        {
            NativeEnd = false,
            Sessions = false,
            Fencing = true,
            AccountPerGrant = false,
        };

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        if (!IsName(desired.Account))
        {
            return Unknown(desired, ConnectorErrors.UnknownAccount);
        }

        if (!IsName(desired.Privilege))
        {
            return Unknown(desired, ConnectorErrors.UnknownPrivilege);
        }

        ThrowWhileGone();
        var data = new DesiredData
        {
            Holder = desired.Holder,
            Account = desired.Account,
            Privilege = desired.Privilege,
            Revision = desired.Revision,
            Wanted = desired.Wanted,
            Leases = [.. desired.Leases.Select(lease => new LeaseData(lease.GrantId, lease.Until))],
        };
        var reply = await _receiver.PostAsync(WebhookTypes.Desired, data, desired.Order, deadline, cancellationToken);
        return reply switch
        {
            { Status: HttpStatusCode.Accepted } => new ApplyResult.Accepted(LookAgainAt(reply.Answer.RetryAfter)),
            { Answer.IsSuccess: true } => new ApplyResult.Applied(),
            { Problem.Code: ProblemCode.UnknownAccount } => Unknown(desired, ConnectorErrors.UnknownAccount),
            { Problem.Code: ProblemCode.UnknownPrivilege } => Unknown(desired, ConnectorErrors.UnknownPrivilege),
            { Status: HttpStatusCode.Conflict, Problem: { Code: ProblemCode.HigherRevision, Revision: { } revision } }
                when revision > desired.Revision => throw new ConnectorException(
                ConnectorErrors.Refused,
                FormattableString.Invariant(
                    $"The target is fenced: it has applied revision {revision}, which is higher than {desired.Revision}."
                )
            ),
            _ => throw Refused(reply, change: true),
        };
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        var absent = new ObservedHolding
        {
            Direct = false,
            Effective = false,
            Identity = _identity,
            ObservedAt = asked,
        };
        if (!IsName(account) || !IsName(privilege))
        {
            return absent with { Identity = ObservedHolding.AnyTarget };
        }

        ThrowWhileGone();
        var reply = await _receiver.AskAsync(WebhookTypes.Read, new ReadData(account, privilege), cancellationToken);
        if (reply.Problem is { Code: ProblemCode.UnknownAccount or ProblemCode.UnknownPrivilege })
        {
            return absent;
        }

        if (reply.Status != HttpStatusCode.OK)
        {
            throw Refused(reply, change: false);
        }

        var state = reply.As<StateAnswer>(WebhookTypes.State) ?? throw Unbelievable();
        var paths = state.Paths ?? [];
        if (
            state.Account != account
            || state.Privilege != privilege
            || state is { Held: true, Effective: false }
            || paths.Count > MaxPaths
            || !paths.All(IsText)
            || !IsText(state.Marker)
        )
        {
            throw Unbelievable();
        }

        return new ObservedHolding
        {
            Direct = state.Held,
            Effective = state.Effective ?? state.Held,
            Paths = [.. paths.Order(StringComparer.Ordinal)],
            Until = state.Until,
            Marker = state.Marker,
            Identity = _identity,
            ObservedAt = asked,
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A receiver says nothing of itself that all would: it is known by its addresses. That another one stands behind the same addresses shows
    /// where it does not have the secret. What receivers take they say to each message.
    /// </remarks>
    public Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken) =>
        Task.FromResult(new TargetPreflight { Identity = _identity });

    /// <inheritdoc/>
    public async Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var token = pageToken is null ? null : PageTokens.Parse<WebhookPageToken>(pageToken);
        var asOf = _clock.Now();
        ThrowWhileGone();
        var reply = await _receiver.AskAsync(WebhookTypes.List, new ListData(token?.Next), cancellationToken);
        if (reply.Status != HttpStatusCode.OK)
        {
            throw Refused(reply, change: false);
        }

        var page = reply.As<PageAnswer>(WebhookTypes.Page) ?? throw Unbelievable();
        var isNew = page.Next is null || (page.Next.Length > 0 && page.Next != token?.Next);
        if (
            !isNew
            || !IsText(page.Next)
            || page.Items.Count > MaxItems
            || !page.Items.All(i => IsName(i.Account) && IsName(i.Privilege) && IsText(i.Marker))
        )
        {
            throw Unbelievable();
        }

        return new HoldingPage
        {
            Items =
            [
                .. page.Items.Select(item => new ListedHolding
                {
                    Account = item.Account,
                    Privilege = item.Privilege,
                    Marker = item.Marker,
                }),
            ],
            NextPageToken = page.Next is null ? null : PageTokens.Write(new WebhookPageToken(page.Next)),
            AsOf = asOf,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _receiver.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ApplyResult.Applied Unknown(DesiredHolding desired, string code) =>
        !desired.Wanted
            ? new ApplyResult.Applied()
            : throw new ConnectorException(code, "The target does not know it, or nothing can have that name there.");

    private ConnectorException Refused(WebhookReply reply, bool change)
    {
        if (reply.Status != HttpStatusCode.Gone)
        {
            return HttpErrors.FromStatus(reply.Status, change);
        }

        Interlocked.Exchange(ref _goneUntilTicks, (_clock.GetElapsedTime(_origin) + _webhook.GoneFor).Ticks);
        Log.Gone(_logger, _target, _webhook.GoneFor);
        return Gone(_webhook.GoneFor);
    }

    private void ThrowWhileGone()
    {
        var left = TimeSpan.FromTicks(Interlocked.Read(ref _goneUntilTicks)) - _clock.GetElapsedTime(_origin);
        if (left > TimeSpan.Zero)
        {
            throw Gone(left);
        }
    }

    private static ConnectorException Gone(TimeSpan left) =>
        new(
            ConnectorErrors.Refused,
            FormattableString.Invariant(
                $"The target said that it is gone for good (410): it is asked nothing for another {Math.Ceiling(left.TotalMinutes):0} min, or until the process starts again."
            )
        );

    private DateTimeOffset LookAgainAt(TimeSpan? retryAfter)
    {
        var wait = retryAfter ?? LookAgainAfter;
        return _clock.Now() + (wait < LongestLookAgain ? wait : LongestLookAgain);
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MaxText && WellFormed.IsText(name);

    private static bool IsText(string? text) =>
        text is null || (text.Length <= MaxText && !text.Any(char.IsControl) && WellFormed.IsText(text));

    private static ConnectorException Unbelievable() =>
        new(ConnectorErrors.Error, "The target's answer does not fit the question or its schema, so nothing is concluded from it.");

    private static partial class Log
    {
        [LoggerMessage(
            4321,
            LogLevel.Error,
            "Target {Target} said that it is gone for good (410): it gets nothing for {Time}, or until the process starts again",
            EventName = "TargetGone"
        )]
        public static partial void Gone(ILogger logger, string target, TimeSpan time);
    }
}
