using System.Net;
using Governance.Connectors;
using Governance.EndToEnd.Tests.Oracle;
using Governance.EndToEnd.Tests.Running;
using Governance.Targets;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>The recipients of credentials, who fetch them, log in with them, and stay logged in.</summary>
internal sealed class GrantLogins(Suite suite, CredentialRecipient recipient) : IAsyncDisposable
{
    private readonly List<(HoldingSides Holding, Guid Grant, Credential Credential, ITargetSession Session)> _open = [];

    public int Count => _open.Count;

    /// <summary>Logs in by each active grant that has an account of its own, and tells where that fails.</summary>
    public async Task<IReadOnlyList<Violation>> LogInAsync(AllSides sides)
    {
        var locked = new List<Violation>();
        foreach (var holding in sides.Holdings.Where(h => h.Target.HasAccountPerGrant))
        {
            foreach (var grant in holding.Active)
            {
                var answer = await suite.Api.GetAsync($"/v1/grants/{grant}/credential", holding.Principal.Owner);
                if (answer.Status != HttpStatusCode.OK)
                {
                    locked.Add(
                        new Violation($"The credential is not handed out ({answer.Status} {answer.Text("code")}): {holding}", grant)
                    );
                    continue;
                }

                var credential = Open(grant, answer.Text("credential")!);
                if (await holding.Target.At.LogInAsync(credential, holding.Entitlement.Privilege) is not { } session)
                {
                    locked.Add(new Violation($"The target refuses the credential: {holding}", grant));
                    continue;
                }

                _open.Add((holding, grant, credential, session));
                if (!await session.WorksAsync())
                {
                    locked.Add(new Violation($"The login may not use the privilege: {holding}", grant));
                }
            }
        }

        return locked;
    }

    /// <summary>Sessions that go on, and credentials that still open their target.</summary>
    public async Task<IReadOnlyList<Violation>> StillInAsync()
    {
        var still = new List<Violation>();
        foreach (var (holding, grant, credential, session) in _open)
        {
            if (await session.WorksAsync())
            {
                still.Add(new Violation($"A session goes on at {holding.Target.Kind}: {holding}", grant));
            }

            await using var again = await holding.Target.At.LogInAsync(credential, holding.Entitlement.Privilege);
            if (again is not null)
            {
                still.Add(new Violation($"The credential still opens {holding.Target.Kind}: {holding}", grant));
            }
        }

        return still;
    }

    // Beside its parts a credential says whose it is, which one, and where.
    private Credential Open(Guid grant, string sealedText) =>
        new(
            grant,
            [
                .. recipient
                    .Open(sealedText)
                    .AsObject()
                    .Where(m => m.Key is not ("grant" or "number" or "target"))
                    .Select(m => KeyValuePair.Create(m.Key, m.Value!.GetValue<string>())),
            ]
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, _, session) in _open)
        {
            await session.DisposeAsync();
        }
    }
}
