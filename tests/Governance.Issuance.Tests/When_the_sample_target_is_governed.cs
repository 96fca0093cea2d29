using System.Globalization;
using Governance.Contracts.Lifecycle;
using Governance.Testing;
using Npgsql;

namespace Governance.Issuance.Tests;

/// <summary>What <c>deploy/local/up</c> and compose set up as a target, with the rights that the suite has there and no others.</summary>
public sealed class When_the_sample_target_is_governed : IssuanceFixture
{
    private static readonly string[] Passwords =
    [
        "GOVERNANCE_CONNECTOR_PASSWORD",
        "GOVERNANCE_TARGET_SVC_REPORTING_PASSWORD",
        "GOVERNANCE_TARGET_SVC_BILLING_PASSWORD",
        "GOVERNANCE_TARGET_AGENT_TRIAGE_PASSWORD",
        "GOVERNANCE_TARGET_OMAR_PASSWORD",
    ];

    [Test]
    public async Task Should_be_fenced_in_each_of_its_databases()
    {
        var connector = await SetUpAsync();
        (string Target, string Database, string Account, string Privilege)[] samples =
        [
            ("orders-db", "orders", "svc_reporting", "orders_readonly"),
            ("ledger-db", "ledger", "svc_billing", "ledger_approver"),
        ];
        foreach (var sample in samples)
        {
            AddTarget(sample.Target, new NpgsqlConnectionStringBuilder(connector) { Database = sample.Database }.ConnectionString);
        }

        await StartReplicaAsync();
        foreach (var (target, database, account, privilege) in samples)
        {
            var binding = new TargetBinding
            {
                Target = target,
                Account = account,
                Privilege = privilege,
            };
            await Lifecycle.AskAsync(binding, revision: 1, leases: 1, principal: account);
            var given = await Lifecycle.AnswerAsync(1, account);
            Assert.That((given.Direct, given.Fenced), Is.EqualTo((true, (bool?)true)), target);

            await Lifecycle.AskAsync(binding, revision: 2, leases: 0, principal: account);
            var taken = await Lifecycle.AnswerAsync(2, account);
            Assert.That((taken.Direct, taken.Effective, taken.Fenced), Is.EqualTo((false, false, (bool?)true)), target);
            await using var source = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(SuiteServers.Current.TargetConnectionString) { Database = database }.ConnectionString
            );
            await using var revisions = source.CreateCommand("select max(revision) from governance.holdings where account = $1");
            revisions.Parameters.Add(new() { Value = account });
            Assert.That(await revisions.ExecuteScalarAsync(), Is.EqualTo(2L), target);
        }
    }

    /// <returns>The suite's own connection string there, without a database.</returns>
    private static async Task<string> SetUpAsync()
    {
        var superuser = new NpgsqlConnectionStringBuilder(SuiteServers.Current.TargetConnectionString);
        var result = await Command.RunAsync(
            "env",
            [
                "PGPASSWORD=" + superuser.Password,
                .. Passwords.Select(name => name + "=sample"),
                "psql",
                "--no-psqlrc",
                "--quiet",
                "--host=" + superuser.Host,
                "--port=" + superuser.Port.ToString(CultureInfo.InvariantCulture),
                "--username=" + superuser.Username,
                "--dbname=postgres",
                "--file=" + RepositoryRoot.File("deploy", "local", "sql", "target.sql"),
            ],
            TimeSpan.FromMinutes(2)
        );
        if (result.ExitCode == 127)
        {
            Assert.Ignore("There is no psql on this machine.");
        }

        Assert.That(result.Succeeded, Is.True, result.Error);
        return new NpgsqlConnectionStringBuilder
        {
            Host = superuser.Host,
            Port = superuser.Port,
            Username = "governance_connector",
            Password = "sample",
        }.ConnectionString;
    }
}
