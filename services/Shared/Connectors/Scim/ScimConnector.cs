using System.Net;
using System.Security.Cryptography;
using Governance.Connectors.Http;
using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Scim;

/// <summary>Membership of a user (the account, by userName) in a group (the privilege, by displayName), by PATCH of SCIM 2.0 (RFC 7643, 7644).</summary>
/// <remarks>
/// <para>
/// Names are compared as the RFC says, upper and lower case being the same; of several only one that is equal to the letter counts, and
/// otherwise none is guessed. An answer that does not match the filter, or has fewer resources than it says, is an error: from a provider
/// that ignores filters nobody must conclude that access is gone. Nor from a group's list of members, which may be cut off: absence is
/// what a user's own groups say, or a filter on members. Reads may be late, so a change is sent also where a read shows nothing to do.
/// </para>
/// <para>
/// SCIM can't fence. Where the group has a version (meta.version or ETag), a change carries it with If-Match, so that it happens only to
/// the group that was read in the same attempt; 412 reads again. What is left: an addition that the network or the provider holds beyond the
/// attempt's end and beyond a removal that found nothing to do, since such a removal makes no new version. The connection is closed at the
/// attempt's end, and the end is looked at as the last thing before the bytes leave.
/// </para>
/// <para>
/// How a member is taken out is a setting (<c>Removal</c>) that is never guessed: a provider may take the spelling that it doesn't know for
/// the removal of all members. The first removal from a group with others is looked at afterwards, and says so loudly if that happened.
/// </para>
/// </remarks>
public sealed partial class ScimConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.Scim;

    private const int MaxTries = 8;

    private readonly ScimSettings _scim;
    private readonly ScimProvider _provider;
    private readonly ScimListing _listing;
    private readonly string _target;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ScimMemberships _memberships;
    private readonly ScimIdentity _identity;
    private volatile bool _removalUnderstood;

    /// <param name="settings">
    /// The target. Keys of its connection string: <c>Url</c> and <c>Token</c> (a bearer token); <c>Filter</c> (true; false pages through all
    /// users and groups), <c>Membership</c> (members, or filter where a group's members are not returned), <c>Removal</c> (path, or value),
    /// <c>Operations</c> (lower, or capitalised), <c>IfMatch</c> (true), <c>AllowHttp</c> (false; for Development).
    /// </param>
    /// <param name="clock">Stamps observations and measures waits.</param>
    /// <param name="logger">Hears of a provider that removes more than was asked for.</param>
    /// <exception cref="ArgumentException">The settings are wrong; the text holds no secret.</exception>
    public ScimConnector(ConnectorSettings settings, TimeProvider clock, ILogger<ScimConnector> logger)
    {
        _scim = ScimSettings.Of(settings);
        _provider = new ScimProvider(settings, _scim, clock);
        _memberships = new ScimMemberships(_provider, _scim);
        _identity = new ScimIdentity(_provider, _scim, clock);
        _listing = new ScimListing(_provider, _scim.Membership, clock);
        _target = settings.Target;
        _clock = clock;
        _logger = logger;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public ConnectorCapabilities Capabilities { get; } =
        new()
        {
            NativeEnd = false,
            Sessions = false,
            Fencing = false,
            AccountPerGrant = false,
        };

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        deadline.RemainingOrThrow();
        HttpAnswer? last = null;
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            if (await LookAsync(desired, deadline, cancellationToken) is not { } place)
            {
                return new ApplyResult.Applied();
            }

            // Where others never stop changing the group, or reads are late, its version is always old: a removal goes on without.
            var whatever = !desired.Wanted && tries > MaxTries / 2;
            last = await _provider.PatchAsync(place.Roll.Group, place.User.Id, desired.Wanted, whatever, deadline, cancellationToken);
            if (last.IsSuccess)
            {
                await WatchOthersAsync(place, desired.Wanted, deadline, cancellationToken);
                return new ApplyResult.Applied();
            }

            // Reading back tells whether that is so.
            if (desired.Wanted ? IsThere(last) || (HasMoved(last) && place.IsShown) : IsGone(last))
            {
                return new ApplyResult.Applied();
            }

            if (!HasMoved(last))
            {
                throw ScimProvider.Refused(last, change: true);
            }

            await Task.Delay(Pause(tries), _clock, cancellationToken);
        }

        throw last!.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
            ? new ConnectorException(
                ConnectorErrors.Error,
                "The group at the target changed each time between reading and writing, or its version is never taken.",
                isTransient: true
            )
            : ScimProvider.Refused(last, change: true);
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        var absent = new ObservedHolding
        {
            Direct = false,
            Effective = false,
            Identity = ObservedHolding.AnyTarget,
            ObservedAt = asked,
        };
        if (!ScimFilter.IsName(account) || !ScimFilter.IsName(privilege))
        {
            return absent;
        }

        absent = absent with { Identity = await _identity.AskAsync(cancellationToken) };
        if (
            await _provider.FindUserAsync(account, null, cancellationToken) is not { } user
            || await _provider.FindGroupAsync(privilege, null, cancellationToken) is not { } group
            || await _memberships.RollAsync(group, null, cancellationToken) is not { } roll
        )
        {
            return absent;
        }

        var held = await _memberships.AskAsync(user, roll, cancellationToken);
        return absent with
        {
            Direct = held == ScimHeld.Directly,
            Effective = held != ScimHeld.Not,
            Paths = held switch
            {
                ScimHeld.ByNesting => ["a nested group"],
                ScimHeld.BySomething => ["the user's own list of groups"],
                _ => [],
            },
        };
    }

    /// <inheritdoc/>
    public async Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken)
    {
        var identity = await _identity.AskAsync(cancellationToken);
        List<string> obstacles = [];
        if (_identity.TakesNoPatch)
        {
            obstacles.Add("The target says that it takes no PATCH, by which a member is taken out of a group.");
        }

        if (!await _memberships.CanShowAbsenceAsync(places, cancellationToken))
        {
            obstacles.Add(ScimMemberships.OnlyByList);
        }

        return new() { Identity = identity, Obstacles = obstacles };
    }

    /// <inheritdoc/>
    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        _listing.PageAsync(pageToken, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _provider.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>Null when there is nothing to take away from.</returns>
    private async Task<Place?> LookAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var user = ScimFilter.IsName(desired.Account) ? await _provider.FindUserAsync(desired.Account, deadline, cancellationToken) : null;
        if (user is null)
        {
            return !desired.Wanted
                ? null
                : throw new ConnectorException(ConnectorErrors.UnknownAccount, "The target has no user of that userName.");
        }

        var group = ScimFilter.IsName(desired.Privilege)
            ? await _provider.FindGroupAsync(desired.Privilege, deadline, cancellationToken)
            : null;
        var roll = group is null ? null : await _memberships.RollAsync(group, deadline, cancellationToken);
        return roll is not null ? new Place(user, roll)
            : !desired.Wanted ? null
            : throw new ConnectorException(ConnectorErrors.UnknownPrivilege, "The target has no group of that displayName.");
    }

    private async Task WatchOthersAsync(Place before, bool wanted, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        if (wanted || _removalUnderstood || before.Roll.Others(before.User.Id) is not (> 0 and var others))
        {
            return;
        }

        try
        {
            var after = await _memberships.RollAsync(before.Roll.Group, deadline, cancellationToken);
            if (after is { Members: [] })
            {
                Log.OthersRemoved(_logger, _target, others);
            }

            _removalUnderstood = after is not null && !after.Shows(before.User.Id) && after.Others(before.User.Id) > 0;
        }
        catch (ConnectorException)
        {
            // The change itself is done; the next removal looks again.
        }
    }

    // Somebody else was faster, or what was read is gone: the next look tells.
    private static bool HasMoved(HttpAnswer answer) =>
        answer.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict or HttpStatusCode.NotFound
        || (answer.Status == HttpStatusCode.BadRequest && ScimProvider.Cause(answer) is "noTarget" or "invalidVers");

    // It was gone already: the change is the same whether or not it was there.
    private static bool IsGone(HttpAnswer answer) =>
        answer.Status is HttpStatusCode.NotFound
        || (answer.Status == HttpStatusCode.BadRequest && ScimProvider.Cause(answer) is "noTarget");

    private static bool IsThere(HttpAnswer answer) =>
        answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict && ScimProvider.Cause(answer) is "uniqueness";

    private static TimeSpan Pause(int tries) =>
        TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 20 * (1 << Math.Min(tries, 5))));

    private sealed record Place(ScimUser User, ScimRoll Roll)
    {
        public bool IsShown => Roll.Shows(User.Id) || (User.Groups?.Any(one => one.Value == Roll.Group.Id && one.IsDirect) ?? false);
    }

    private static partial class Log
    {
        [LoggerMessage(
            4311,
            LogLevel.Error,
            "Target {Target}: after one member was taken out, the {Others} others of the group were gone too; if nobody else did that, the provider takes this spelling of a removal for the removal of all: see the setting Removal",
            EventName = "TargetRemovedOthers"
        )]
        public static partial void OthersRemoved(ILogger logger, string target, int others);
    }
}
