using System.Net;
using System.Text.Json.Nodes;
using Governance.Connectors.Http;
using Governance.Contracts.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Kubernetes;

/// <summary>
/// A role of a Kubernetes cluster (the privilege), given to a ServiceAccount or a user (the account) by a RoleBinding or a
/// ClusterRoleBinding. Any server with <c>rbac.authorization.k8s.io/v1</c>.
/// </summary>
/// <remarks>
/// <para>
/// Accounts are user names; <c>system:serviceaccount:NAMESPACE:NAME</c> is a ServiceAccount. Privileges are <c>NAMESPACE/role/NAME</c>,
/// <c>NAMESPACE/clusterrole/NAME</c> (within that namespace) and <c>clusterrole/NAME</c> (everywhere). Groups are no accounts. The server
/// takes bindings of ServiceAccounts and roles that do not exist; this does not. Users can't be looked up.
/// </para>
/// <para>
/// A holding has a binding of its own, with a name made from holder, account and privilege. The revision stands in it, and each write names
/// the version that it replaces, so the server refuses whoever did not see a higher revision. When the access ends, the binding stays
/// without a subject: it gives nothing, and an older attempt whose request is still under way finds the name taken. Such bindings are
/// deleted by later removals in the same scope when they are a day old on the server's clock; until then they are the fence.
/// </para>
/// <para>
/// Absent means that no binding in the scope names the account for the role: the account is also taken out of bindings of other makers,
/// which keep their other subjects. What the suite's account may not change stays, is read back as direct, and is named.
/// A binding whose role or ServiceAccount is gone counts as well: it would give access again as soon as that came back.
/// </para>
/// <para>
/// Read as other paths: the groups that every ServiceAccount or user is in, ClusterRoleBindings for a role within a namespace, and
/// <c>cluster-admin</c>. Not read: groups that only an authenticator knows, and other roles with the same rules.
/// </para>
/// </remarks>
public sealed class KubernetesConnector : IConnector
{
    /// <summary>Name of this kind.</summary>
    public const string KindName = TargetKinds.Kubernetes;

    private const int MaxConflicts = 10;
    private const int MaxPaths = 20;
    private const string ClusterAdmin = "cluster-admin";

    private readonly KubernetesAccess _access;
    private readonly HttpClient _http;
    private readonly KubernetesSweep _sweep;
    private readonly RateGate _gate;
    private readonly TimeProvider _clock;

    /// <param name="settings">The target; see <c>KubernetesSettings</c> for its connection string.</param>
    /// <param name="clock">Stamps observations.</param>
    /// <param name="logger">Hears of bindings that could not be cleared away.</param>
    public KubernetesConnector(ConnectorSettings settings, TimeProvider clock, ILogger<KubernetesConnector> logger)
    {
        _access = KubernetesSettings.Parse(settings);
        _http = _access.CreateClient(settings);
        _sweep = new KubernetesSweep(settings.Target, clock, logger);
        _gate = new RateGate(clock);
        _clock = clock;
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
        var subject = KubernetesSubject.Parse(desired.Account);
        var privilege = KubernetesPrivilege.Parse(desired.Privilege);
        var calls = Calls(deadline, cancellationToken);
        if (desired.Wanted)
        {
            await GiveAsync(calls, desired, subject ?? throw UnknownAccount(), privilege ?? throw UnknownPrivilege());
        }
        else if (subject is not null && privilege is not null)
        {
            await TakeAsync(calls, desired, subject, privilege);
        }

        return new ApplyResult.Applied();
    }

    /// <inheritdoc/>
    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        var asked = _clock.Now();
        List<string> direct = [];
        List<string> paths = [];
        var identity = ObservedHolding.AnyTarget;
        if (KubernetesSubject.Parse(account) is { } subject && KubernetesPrivilege.Parse(privilege) is { } wanted)
        {
            var calls = Calls(null, cancellationToken);
            var bindings = await calls.EveryAsync(wanted.Bindings);
            direct.AddRange(bindings.Where(b => wanted.IsRoleOf(b) && b.Names(subject)).Select(b => b.ToString()));
            if (wanted.Namespace is not null)
            {
                bindings.AddRange(await calls.EveryAsync(KubernetesPrivilege.EveryClusterRoleBinding));
            }

            paths.AddRange(bindings.SelectMany(b => OtherPaths(b, subject, wanted)));
            identity = await calls.IdentityAsync();
        }

        return new ObservedHolding
        {
            Direct = direct.Count > 0,
            Effective = direct.Count > 0 || paths.Count > 0,
            Paths = [.. paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxPaths)],
            Marker = Marker(direct),
            Identity = identity,
            ObservedAt = asked,
        };
    }

    /// <inheritdoc/>
    public async Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken)
    {
        var calls = Calls(null, cancellationToken);
        var identity = await calls.IdentityAsync();
        var refused = new Dictionary<string, bool>(StringComparer.Ordinal);
        List<PlaceObstacle> obstacles = [];
        foreach (var place in places)
        {
            if (KubernetesPrivilege.Parse(place.Privilege) is not { } privilege)
            {
                continue;
            }

            if (!refused.TryGetValue(privilege.Bindings, out var isRefused))
            {
                isRefused = !await calls.MayChangeBindingsAsync(privilege);
                refused.Add(privilege.Bindings, isRefused);
            }

            if (isRefused)
            {
                obstacles.Add(
                    new(
                        place,
                        $"The suite's account may not take subjects out of the {privilege.BindingKind}s there: its role needs the verb update on them."
                    )
                );
            }
        }

        return new()
        {
            Identity = identity,
            Places = obstacles,
            Limits = identity is null
                ?
                [
                    "The suite's account may not read the namespace kube-system, so that another cluster in the place of this one is not noticed: its role needs the verb get on it.",
                ]
                : [],
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// RoleBindings by namespace and name, then ClusterRoleBindings by name; a page is what the server gives at once. A pair that several
    /// bindings of one page give is one item that names them all; on different pages it is listed again. Groups are left out. When the
    /// server no longer knows what it began to list, the listing goes on at the same place with what is there by then.
    /// </remarks>
    public async Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var token = pageToken is null ? new ListingPlace(false, null) : PageTokens.Parse<ListingPlace>(pageToken);
        var asOf = _clock.Now();
        var calls = Calls(null, cancellationToken);
        var path = token.ClusterWide ? KubernetesPrivilege.EveryClusterRoleBinding : KubernetesPrivilege.EveryRoleBinding;
        var page = await calls.PageAsync(path, token.Continue);
        if (page.Status is HttpStatusCode.Gone && KubernetesCalls.ContinueOf(page) is { } later)
        {
            page = await calls.PageAsync(path, later);
        }

        if (page.Status is HttpStatusCode.BadRequest && token.Continue is not null)
        {
            throw new ArgumentException("Not a page token of this connector.", nameof(pageToken));
        }

        var items = ItemsOf(calls.Succeeded(page));
        var next =
            KubernetesCalls.ContinueOf(page) is { } more ? token with { Continue = more }
            : token.ClusterWide ? null
            : new ListingPlace(true, null);
        return new HoldingPage
        {
            Items = items,
            NextPageToken = next is null ? null : PageTokens.Write(next),
            AsOf = asOf,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task GiveAsync(
        KubernetesCalls calls,
        DesiredHolding desired,
        KubernetesSubject subject,
        KubernetesPrivilege privilege
    )
    {
        if (subject.Path is { } path && await calls.FindAsync(path) is null)
        {
            throw UnknownAccount();
        }

        if (await calls.FindAsync(privilege.RolePath) is null)
        {
            throw UnknownPrivilege();
        }

        await WriteOwnAsync(calls, desired, subject, privilege);
    }

    private async Task TakeAsync(KubernetesCalls calls, DesiredHolding desired, KubernetesSubject subject, KubernetesPrivilege privilege)
    {
        await WriteOwnAsync(calls, desired, subject, privilege);
        foreach (var binding in await calls.EveryAsync(privilege.Bindings))
        {
            if (privilege.IsRoleOf(binding) && binding.Names(subject))
            {
                await TakeOutAsync(calls, binding, subject, privilege);
            }
        }

        await _sweep.RunAsync(calls, privilege.Bindings);
    }

    /// <summary>Makes the holding's own binding what is wanted, unless a higher revision is there.</summary>
    private static async Task WriteOwnAsync(
        KubernetesCalls calls,
        DesiredHolding desired,
        KubernetesSubject subject,
        KubernetesPrivilege privilege
    )
    {
        var path = PathOf(privilege, KubernetesBinding.NameOf(desired));
        for (var look = 1; look <= MaxConflicts; look++)
        {
            var found = await calls.FindAsync(path);
            var wanted = KubernetesBinding.Wanted(desired, subject, privilege, calls.ServerTime);
            if (
                found is null
                    ? await CreateAsync(calls, desired, privilege, wanted)
                    : await ReplaceAsync(calls, desired, privilege, new(found), wanted)
            )
            {
                return;
            }
        }

        throw Contended(calls);
    }

    private static async Task<bool> CreateAsync(
        KubernetesCalls calls,
        DesiredHolding desired,
        KubernetesPrivilege privilege,
        JsonObject wanted
    )
    {
        if (!desired.Wanted && desired.Revision == 1)
        {
            return true; // There is no lower revision to keep out.
        }

        var answer = await calls.SendAsync(HttpMethod.Post, privilege.Bindings, wanted);
        switch (answer.Status)
        {
            case HttpStatusCode.Conflict:
                return false;
            // Whoever may not bind the role, or has no namespace for it, could not give it by an older request either.
            case HttpStatusCode.NotFound or HttpStatusCode.Forbidden when !desired.Wanted:
                return true;
            case HttpStatusCode.NotFound:
                throw UnknownPrivilege(calls.MayHaveHappened);
            default:
                calls.Succeeded(answer);
                return true;
        }
    }

    private static async Task<bool> ReplaceAsync(
        KubernetesCalls calls,
        DesiredHolding desired,
        KubernetesPrivilege privilege,
        KubernetesBinding own,
        JsonObject wanted
    )
    {
        if (own.Revision > desired.Revision)
        {
            throw new ConnectorException(
                ConnectorErrors.Refused,
                "The target is fenced: a higher revision of this holding was applied already.",
                calls.MayHaveHappened
            );
        }

        if (!privilege.IsRoleOf(own))
        {
            // Not the suite's doing, and the server lets nobody change the role of a binding.
            await DeleteAsync(calls, privilege, own);
            return false;
        }

        if (own.Is(wanted))
        {
            return true;
        }

        var answer = await calls.SendAsync(HttpMethod.Put, PathOf(privilege, own.Name), own.Becoming(wanted));
        switch (answer.Status)
        {
            case HttpStatusCode.Conflict:
                return false;
            // Only those who may bind the role may write its bindings (a role that is gone is not found), but deleting is another right. An
            // older request can't write either.
            case HttpStatusCode.Forbidden or HttpStatusCode.NotFound when !desired.Wanted:
                return !own.Subjects.Any() || await DeleteAsync(calls, privilege, own);
            case HttpStatusCode.NotFound:
                throw UnknownPrivilege(calls.MayHaveHappened);
            default:
                calls.Succeeded(answer);
                return true;
        }
    }

    private static async Task<bool> DeleteAsync(KubernetesCalls calls, KubernetesPrivilege privilege, KubernetesBinding binding)
    {
        var answer = await calls.SendAsync(HttpMethod.Delete, PathOf(privilege, binding.Name), binding.Preconditions());
        if (answer.Status is HttpStatusCode.Conflict)
        {
            return false;
        }

        return answer.Status is HttpStatusCode.NotFound || calls.Succeeded(answer).IsSuccess;
    }

    private static async Task TakeOutAsync(
        KubernetesCalls calls,
        KubernetesBinding binding,
        KubernetesSubject subject,
        KubernetesPrivilege privilege
    )
    {
        var path = PathOf(privilege, binding.Name);
        for (var look = 1; look <= MaxConflicts; look++)
        {
            var answer = await calls.SendAsync(HttpMethod.Put, path, binding.Without(subject, privilege));
            if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
            {
                return; // Gone, or another's: reading back shows it.
            }

            if (answer.Status is not HttpStatusCode.Conflict)
            {
                calls.Succeeded(answer);
                return;
            }

            if (await calls.FindAsync(path) is not { } found)
            {
                return;
            }

            binding = new(found);
            if (!privilege.IsRoleOf(binding) || !binding.Names(subject))
            {
                return;
            }
        }

        throw Contended(calls);
    }

    private static List<ListedHolding> ItemsOf(KubernetesAnswer page)
    {
        var found =
            from binding in KubernetesCalls.ItemsOf(page)
            from subject in binding.Subjects
            let account = KubernetesSubject.AccountOf(subject, binding.Namespace)
            where account is not null
            group binding.ToString() by (account, KubernetesPrivilege.Of(binding).ToString());
        return
        [
            .. found.Select(pair => new ListedHolding
            {
                Account = pair.Key.account,
                Privilege = pair.Key.Item2,
                Marker = Marker(pair),
            }),
        ];
    }

    private static IEnumerable<string> OtherPaths(KubernetesBinding binding, KubernetesSubject account, KubernetesPrivilege privilege)
    {
        var isRole = privilege.IsRoleOf(binding);
        var isAdmin = binding is { RoleKind: "ClusterRole", RoleName: ClusterAdmin };
        if (!isRole && !isAdmin)
        {
            yield break;
        }

        var named = isRole ? binding.ToString() : $"{binding} for {ClusterAdmin}";
        if (binding.Names(account) && !(isRole && binding.Namespace == privilege.Namespace))
        {
            yield return named;
        }

        foreach (var subject in binding.Subjects.Where(subject => subject.Text("kind") == "Group"))
        {
            if (subject.Text("name") is { } group && account.IsIn(group))
            {
                yield return $"{named} to group {group}";
            }
        }
    }

    private static string? Marker(IEnumerable<string> bindings) =>
        string.Join(", ", bindings.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxPaths)) is { Length: > 0 } marker
            ? marker
            : null;

    private static string PathOf(KubernetesPrivilege privilege, string name) => $"{privilege.Bindings}/{Uri.EscapeDataString(name)}";

    private static ConnectorException UnknownAccount() =>
        new(ConnectorErrors.UnknownAccount, "There is no such ServiceAccount, or the name can't be a user's.");

    private static ConnectorException UnknownPrivilege(bool mayHaveHappened = false) =>
        new(
            ConnectorErrors.UnknownPrivilege,
            "There is no such role, or the name is not NAMESPACE/role/NAME, NAMESPACE/clusterrole/NAME or clusterrole/NAME.",
            mayHaveHappened
        );

    private static ConnectorException Contended(KubernetesCalls calls) =>
        new(ConnectorErrors.Error, "Others kept changing the same binding.", calls.MayHaveHappened, isTransient: true);

    private KubernetesCalls Calls(AttemptDeadline? deadline, CancellationToken cancellationToken) =>
        new(_http, _access, _gate, deadline, cancellationToken);
}
