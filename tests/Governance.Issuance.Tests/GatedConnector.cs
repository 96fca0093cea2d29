using Governance.Connectors;
using Governance.Connectors.PostgreSql;
using Microsoft.Extensions.Logging.Abstractions;

namespace Governance.Issuance.Tests;

/// <summary>The PostgreSQL connector with a door before and after each change.</summary>
public sealed class GatedConnector(IConnector inner, GatedConnector.Gates gates) : IConnector
{
    public string Kind => "gated";

    public ConnectorCapabilities Capabilities => inner.Capabilities;

    public async Task<ApplyResult> ApplyAsync(DesiredHolding desired, AttemptDeadline deadline, CancellationToken cancellationToken)
    {
        var (at, token) = await gates.BeforeApply(desired, deadline, cancellationToken);
        if (gates.Instead(desired) is { } answer)
        {
            return answer;
        }

        try
        {
            return await inner.ApplyAsync(desired, at, token);
        }
        finally
        {
            await gates.AfterApply(desired);
        }
    }

    public async Task<ObservedHolding> ReadAsync(string account, string privilege, CancellationToken cancellationToken)
    {
        await gates.BeforeRead();
        return await inner.ReadAsync(account, privilege, cancellationToken);
    }

    public Task<TargetPreflight> PreflightAsync(IReadOnlyCollection<TargetPlace> places, CancellationToken cancellationToken) =>
        inner.PreflightAsync(places, cancellationToken);

    public Task<HoldingPage> ListAsync(string? pageToken, CancellationToken cancellationToken) =>
        inner.ListAsync(pageToken, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public static ConnectorRegistration Registration(Gates gates) =>
        new(
            "gated",
            (_, settings) =>
                new GatedConnector(new PostgreSqlConnector(settings, TimeProvider.System, NullLogger<PostgreSqlConnector>.Instance), gates),
            _ => []
        );

    public sealed class Gates
    {
        public Func<
            DesiredHolding,
            AttemptDeadline,
            CancellationToken,
            Task<(AttemptDeadline Deadline, CancellationToken Token)>
        > BeforeApply { get; set; } = (_, deadline, token) => Task.FromResult((deadline, token));

        /// <summary>What the target answers without doing anything; null for doing it.</summary>
        public Func<DesiredHolding, ApplyResult?> Instead { get; set; } = _ => null;

        public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

        public Func<DesiredHolding, Task> AfterApply { get; set; } = _ => Task.CompletedTask;
    }
}
