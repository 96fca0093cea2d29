using System.Globalization;
using Governance.Targets;
using Governance.Targets.Kubernetes;
using Governance.Targets.PostgreSql;
using Governance.Targets.RabbitMq;
using Governance.Targets.Scim;
using Governance.Targets.Webhook;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>A target beside the suite's own cluster, with an account for each principal. Its id is its kind.</summary>
internal sealed class SuiteTarget : IAsyncDisposable
{
    private SuiteTarget(string kind, ConformanceTarget at, IReadOnlyList<string> accounts, IReadOnlyList<LoadEntitlement> entitlements)
    {
        (Kind, At, Accounts, Entitlements) = (kind, at, accounts, entitlements);
    }

    public string Kind { get; }

    /// <summary>The target as its own administrator has it.</summary>
    public ConformanceTarget At { get; }

    /// <summary>By the number of the principal.</summary>
    public IReadOnlyList<string> Accounts { get; }

    public IReadOnlyList<LoadEntitlement> Entitlements { get; }

    /// <summary>Each grant has an account of its own, whose credential is sealed to a recipient.</summary>
    public bool HasAccountPerGrant => Kind is "postgresql-login" or "rabbitmq-user";

    /// <summary>One of every kind.</summary>
    /// <param name="accounts">At each; principals of a suite have the first of them.</param>
    /// <param name="privileges">At each.</param>
    public static async Task<IReadOnlyList<SuiteTarget>> CreateAllAsync(int accounts, int privileges)
    {
        (string Kind, Func<Task<ConformanceTarget>> Create)[] kinds =
        [
            ("postgresql", async () => new PostgreSqlTarget(await TargetDatabase.CreateAsync())),
            ("postgresql-login", async () => new PostgreSqlLoginTarget(await TargetDatabase.CreateAsync())),
            ("rabbitmq", RabbitMqTarget.CreateAsync),
            ("rabbitmq-user", RabbitMqUserTarget.CreateAsync),
            ("kubernetes", async () => await KubernetesTarget.CreateAsync(await StandInCluster.StartAsync(), ownsCluster: true)),
            ("scim", async () => await ScimTarget.CreateAsync(likesValues: false)),
            ("webhook", async () => await WebhookTarget.CreateAsync()),
        ];
        var all = new List<SuiteTarget>();
        foreach (var (kind, create) in kinds)
        {
            all.Add(await CreateAsync(kind, await create(), accounts, privileges));
        }

        return all;
    }

    public ValueTask DisposeAsync() => At.DisposeAsync();

    private static async Task<SuiteTarget> CreateAsync(string kind, ConformanceTarget at, int accounts, int privileges)
    {
        var names = new List<string>();
        for (var i = 0; i < accounts; i++)
        {
            names.Add((await at.CreateAccountAsync("svc" + i.ToString("00", CultureInfo.InvariantCulture)))!);
        }

        var entitlements = new List<LoadEntitlement>();
        for (var i = 0; i < privileges; i++)
        {
            var name = "read" + i.ToString(CultureInfo.InvariantCulture);
            entitlements.Add(new LoadEntitlement($"{kind}/{name}", kind, "low", (await at.CreatePrivilegeAsync(name))!));
        }

        return new SuiteTarget(kind, at, names, entitlements);
    }
}
