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
/// The ids of user and group are remembered before membership is given (<see cref="HoldingMemory"/>): it is taken from that user, and read
/// back of it, whatever it is called now and whether or not a search finds it, and it is not given to another user that bears the name.
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
    private readonly ScimPlaces _places;
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
        _places = new ScimPlaces(_provider, _memberships, _scim);
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
        if (desired.Wanted)
        {
            await ChangeAsync(wanted: true, LookAsync, deadline, cancellationToken);
            return new ApplyResult.Applied();
        }

        // First by what is remembered: a search by name that fails keeps nobody's access.
        var given = ScimGiven.Read(desired.Memory?.Text);
        foreach (var one in given)
        {
            await ChangeAsync(
                wanted: false,
                async () =>
                    await _places.RememberedAsync(one, deadline, cancellationToken) is { } found
                    && _places.IsSure(one, found, desired.Account)
                        ? found
                        : null,
                deadline,
                cancellationToken
            );
        }

        await ChangeAsync(
            wanted: false,
            async () =>
                await _places.NamedAsync(desired.Account, desired.Privilege, given, deadline, cancellationToken) is { } named
                && !given.Any(named.Is)
                    ? named
                    : null,
            deadline,
            cancellationToken
        );
        return new ApplyResult.Applied();

        async Task<ScimPlace?> LookAsync()
        {
            var before = ScimGiven.Read(desired.Memory?.Text);
            var place = await _places.ToGiveAsync(desired.Account, desired.Privilege, before, deadline, cancellationToken);
            if (desired.Memory is { } memory)
            {
                await memory.KeepAsync(ScimGiven.Write(before, _places.Given(place)), cancellationToken);
            }

            return place;
        }
    }

    /// <inheritdoc/>
    public Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken) =>
        ReadAsync(account, privilege, null, cancellationToken);

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, string? remembered, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        var given = ScimGiven.Read(remembered);
        if (given.Count == 0 && (!ScimFilter.IsName(account) || !ScimFilter.IsName(privilege)))
        {
            return new ObservedHolding
            {
                Direct = false,
                Effective = false,
                Identity = ObservedHolding.AnyTarget,
                ObservedAt = asked,
            };
        }

        var identity = await _identity.AskAsync(cancellationToken);
        var named = await _places.NamedAsync(account, privilege, given, null, cancellationToken);
        List<ScimHeld> held = named is null ? [] : [await _memberships.AskAsync(named.User, named.Roll, cancellationToken)];
        List<string> renamed = [];
        foreach (var one in given.Where(one => named?.Is(one) is not true))
        {
            if (await _places.RememberedAsync(one, null, cancellationToken) is not { } found)
            {
                continue;
            }

            var had = await _memberships.AskAsync(found.User, found.Roll, cancellationToken);
            held.Add(had);
            renamed.AddRange(had == ScimHeld.Not ? [] : Renamed(one, found, account, privilege));
        }

        return new ObservedHolding
        {
            Direct = held.Contains(ScimHeld.Directly),
            Effective = held.Exists(one => one != ScimHeld.Not),
            Paths = [.. held.Select(PathOf).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Marker = renamed.Count > 0 ? string.Join("; ", renamed) : null,
            Remember =
                given.Count == 0 && named is not null && held.Contains(ScimHeld.Directly)
                    ? ScimGiven.Write([], _places.Given(named))
                    : null,
            Identity = identity,
            ObservedAt = asked,
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

    /// <param name="wanted">Whether it is given.</param>
    /// <param name="look">Finds the place, anew for each try; null when there is nothing to take away from.</param>
    /// <param name="deadline">The attempt's end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task ChangeAsync(bool wanted, Func<Task<ScimPlace?>> look, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        HttpAnswer? last = null;
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            if (await look() is not { } place)
            {
                return;
            }

            // Where others never stop changing the group, or reads are late, its version is always old: a removal goes on without.
            var whatever = !wanted && tries > MaxTries / 2;
            last = await _provider.PatchAsync(place.Roll.Group, place.User.Id, wanted, whatever, deadline, cancellationToken);
            if (last.IsSuccess)
            {
                await WatchOthersAsync(place, wanted, deadline, cancellationToken);
                return;
            }

            // Reading back tells whether that is so.
            if (wanted ? IsThere(last) || (HasMoved(last) && place.IsShown) : IsGone(last))
            {
                return;
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

    private IEnumerable<string> Renamed(ScimGiven given, ScimPlace found, string account, string privilege)
    {
        var (user, group) = (found.User.UserName, found.Roll.Group.DisplayName ?? privilege);
        if (!_places.IsSure(given, found, account))
        {
            yield return $"given at another address of the target, to the user with the id of {user}, who is in {group}: take it out there; if it was put in by somebody else, put it in again afterwards";
        }
        else if (!ScimFilter.IsSame(user, account) || !ScimFilter.IsSame(group, privilege))
        {
            yield return $"renamed since: {user} in {group}";
        }
    }

    private static string? PathOf(ScimHeld held) =>
        held switch
        {
            ScimHeld.ByNesting => "a nested group",
            ScimHeld.BySomething => "the user's own list of groups",
            _ => null,
        };

    private async Task WatchOthersAsync(ScimPlace before, bool wanted, AttemptDeadline deadline, CancellationToken cancellationToken)
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
