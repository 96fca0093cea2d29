using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Governance.Connectors;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Issuance.Targets;

/// <summary>Lets access be given only where it can be taken away again, by the target that was accepted. Taking away never asks here.</summary>
internal sealed class TargetGuard
{
    private const int MostPlaces = 1000;

    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.Ordinal);
    private readonly TargetRegister _register;
    private readonly IssuanceOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<TargetGuard> _logger;

    public TargetGuard(
        TargetCatalog targets,
        TargetRegister register,
        IOptions<IssuanceOptions> options,
        TimeProvider clock,
        ILogger<TargetGuard> logger
    )
    {
        (_register, _options, _clock, _logger) = (register, options.Value, clock, logger);
        foreach (var target in targets.All)
        {
            _states[target.Id] = new State();
        }

        Telemetry.Meter.CreateObservableGauge(
            "governance.issuance.target.blocked",
            () =>
                _states.SelectMany(state =>
                    new[] { ConnectorErrors.TargetChanged, ConnectorErrors.NotRemovable }.Select(reason => new Measurement<int>(
                        state.Value.Verdict?.Blocked == reason ? 1 : 0,
                        new KeyValuePair<string, object?>("target", state.Key),
                        new KeyValuePair<string, object?>("reason", reason)
                    ))
                ),
            "{target}",
            "1 while nothing is given at the target: it is another than the accepted one, or would not let access be taken away again."
        );
    }

    /// <summary>What is known of each target in this process, by its id.</summary>
    public IEnumerable<(string Target, TargetVerdict? Verdict, string? Silent)> All =>
        _states.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, s.Value.Verdict, s.Value.Silence?.Reason));

    /// <summary>Why and since when the target does not answer, as it was last asked; null when it did.</summary>
    public TargetSilence? SilenceOf(string target) => _states.TryGetValue(target, out var state) ? state.Silence : null;

    /// <summary>The target answered, whatever it said.</summary>
    public void Answered(string target)
    {
        if (_states.TryGetValue(target, out var state))
        {
            state.Silence = null;
        }
    }

    /// <summary>The target was asked something and did not answer.</summary>
    public void DidNotAnswer(string target, string reason)
    {
        if (_states.TryGetValue(target, out var state))
        {
            var now = _clock.Now();
            state.Silence = new(reason, state.Silence?.Since ?? now, now);
        }
    }

    public TargetVerdict? Find(string target) => _states.TryGetValue(target, out var state) ? state.Verdict : null;

    /// <summary>Looks at the target and at every place where access is to be.</summary>
    /// <exception cref="ConnectorException">It does not answer; what was known of it still holds.</exception>
    public async Task CheckAsync(Target target, CancellationToken cancellationToken)
    {
        var state = _states[target.Id];
        try
        {
            var places = await _register.PlacesAsync(target.Id, MostPlaces, cancellationToken);
            await LookAsync(target, state, places, cancellationToken);
            Answered(target.Id);
            state.Told = false;
        }
        catch (ConnectorException e)
        {
            if (!state.Told)
            {
                _logger.PreflightFailed(target.Id, e.Code, e.Message);
            }

            state.Told = true;
            DidNotAnswer(target.Id, e.Message);
            throw;
        }
    }

    /// <summary>Whether it is known, without asking, that access may be given at the place.</summary>
    public bool IsCleared(Target target, TargetPlace place)
    {
        var state = _states[target.Id];
        return state.Verdict is { Blocked: null } && state.Cleared.TryGetValue(place, out var at) && _clock.GetElapsedTime(at) < Fresh;
    }

    /// <summary>Returns when access may be given at the place.</summary>
    /// <exception cref="ConnectorException">It may not, or the target does not answer.</exception>
    public async Task EnsureAsync(Target target, TargetPlace place, CancellationToken cancellationToken)
    {
        if (IsCleared(target, place))
        {
            return;
        }

        // Also where something stood in the way before: it may have been mended since.
        var state = _states[target.Id];
        var verdict = await LookAsync(target, state, [place], cancellationToken);
        if (verdict.Changed)
        {
            throw Changed();
        }

        if (verdict.Obstacles.Count > 0)
        {
            throw NotRemovable(string.Join(" ", verdict.Obstacles));
        }

        if (state.Refused.TryGetValue(place, out var reason))
        {
            throw NotRemovable(reason);
        }
    }

    /// <summary>Whether an answer is another target's than the accepted one's, in which case that is told.</summary>
    public async Task<bool> IsOtherAsync(string target, string? identity, CancellationToken cancellationToken)
    {
        if (identity == ObservedHolding.AnyTarget || !_states.TryGetValue(target, out var state))
        {
            return false;
        }

        var other = await _register.IsOtherAsync(target, identity, cancellationToken);
        if (other)
        {
            Judge(target, state, (state.Verdict ?? TargetVerdict.Unknown) with { Changed = true });
        }

        return other;
    }

    public static ConnectorException Changed() =>
        new(
            ConnectorErrors.TargetChanged,
            "Another target answers there than the one that was accepted, so what it shows counts for nothing: see 'governance targets list', and accept it with 'governance targets accept', or mend where it leads."
        );

    private TimeSpan Fresh => _options.PreflightInterval * 2;

    private async Task<TargetVerdict> LookAsync(
        Target target,
        State state,
        IReadOnlyCollection<TargetPlace> places,
        CancellationToken cancellationToken
    )
    {
        var looked = _clock.GetTimestamp();
        var seen = await target.Connector.PreflightAsync(places, cancellationToken);
        var other = await _register.IsOtherAsync(target.Id, seen.Identity, cancellationToken);
        var refused = seen.Places.ToDictionary(one => one.Place, one => one.Reason);
        foreach (var place in places)
        {
            if (refused.TryGetValue(place, out var reason))
            {
                state.Refused[place] = reason;
                state.Cleared.TryRemove(place, out _);
            }
            else
            {
                state.Refused.TryRemove(place, out _);
                state.Cleared[place] = looked;
            }
        }

        if (state.Cleared.Count > 2 * MostPlaces)
        {
            foreach (var old in state.Cleared.Where(cleared => _clock.GetElapsedTime(cleared.Value) >= Fresh))
            {
                state.Cleared.TryRemove(old);
            }
        }

        return Judge(
            target.Id,
            state,
            new TargetVerdict
            {
                Changed = other,
                Obstacles = seen.Obstacles,
                Limits = seen.Limits,
                Places = [.. state.Refused.Select(one => new PlaceObstacle(one.Key, one.Value))],
                LookedAt = _clock.Now(),
            }
        );
    }

    // Told when it begins, and when it is over; not each time in between.
    private TargetVerdict Judge(string target, State state, TargetVerdict verdict)
    {
        TargetVerdict? before;
        lock (state)
        {
            (before, state.Verdict) = (state.Verdict, verdict);
        }

        if (verdict.Changed && before?.Changed is not true)
        {
            _logger.TargetChanged(target);
        }

        var obstacles = string.Join(" ", verdict.Obstacles);
        if (obstacles.Length > 0 && obstacles != string.Join(" ", before?.Obstacles ?? []))
        {
            _logger.TargetNotRemovable(target, obstacles);
        }

        foreach (var place in verdict.Places.Except(before?.Places ?? []))
        {
            _logger.PlaceNotRemovable(target, place.Place.Account, place.Place.Privilege, place.Reason);
        }

        if (verdict.Blocked is null && before?.Blocked is not null)
        {
            _logger.TargetFree(target);
        }

        return verdict;
    }

    private static ConnectorException NotRemovable(string reason) =>
        new(ConnectorErrors.NotRemovable, "Nothing is given there, since it could not be taken away again. " + reason);

    private sealed class State
    {
        public ConcurrentDictionary<TargetPlace, long> Cleared { get; } = new();

        public ConcurrentDictionary<TargetPlace, string> Refused { get; } = new();

        public volatile TargetVerdict? Verdict;

        public volatile TargetSilence? Silence;

        /// <summary>That it can't be looked at is told when that begins.</summary>
        public volatile bool Told;
    }
}

/// <summary>A target that did not answer when it was last asked.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Since">When it did not for the first time.</param>
/// <param name="At">When it did not for the last time.</param>
internal sealed record TargetSilence(string Reason, DateTimeOffset Since, DateTimeOffset At);

/// <summary>What is known of a target.</summary>
internal sealed record TargetVerdict
{
    public static readonly TargetVerdict Unknown = new();

    /// <summary>Another one answers than the accepted one.</summary>
    public bool Changed { get; init; }

    public IReadOnlyList<string> Obstacles { get; init; } = [];

    public IReadOnlyList<PlaceObstacle> Places { get; init; } = [];

    public IReadOnlyList<string> Limits { get; init; } = [];

    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>Why nothing is given there; null when it is.</summary>
    public string? Blocked =>
        Changed ? ConnectorErrors.TargetChanged
        : Obstacles.Count > 0 ? ConnectorErrors.NotRemovable
        : null;
}
