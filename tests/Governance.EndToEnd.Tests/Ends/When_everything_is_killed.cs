using System.Net;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Ends;

/// <summary>Where the target can end access by itself, it does: with no process of the suite left.</summary>
public sealed class When_everything_is_killed
{
    [Test]
    public async Task Should_end_at_the_target_at_its_time_and_not_before()
    {
        await using var suite = await Suite.StartAsync(new SuiteShape("native_end", Replicas: 1, Principals: 1));
        using var recipient = new CredentialRecipient();
        var request = new AccessRequest
        {
            Id = "native-end",
            Principal = suite.Catalog.Principals[0],
            Entitlement = suite.Catalog.Login,
            Duration = TimeSpan.FromSeconds(12),
            RecipientKey = recipient.Jwk,
        };
        await suite.Publisher.PublishAsync(request.ToJson(), CancellationToken.None);
        var active = await Eventually.Until(
            () => suite.Api.GetAsync(request.GrantId),
            grant => grant?.State == "active",
            TimeSpan.FromSeconds(30)
        );
        var end = active!.Body.GetProperty("expiresAt").GetDateTimeOffset();
        var credential = LoginCredential.Open(
            recipient,
            await Eventually.Until(
                () => suite.Api.GetAsync($"/v1/grants/{request.GrantId}/credential", request.Principal.Owner),
                answer => answer.Status == HttpStatusCode.OK
            )
        );
        // The target is told the exact end in a second step, once the activation was read back.
        await Eventually.Until(() => EndOfAsync(suite, credential), Is.EqualTo(end));

        await Task.WhenAll(suite.Replicas.Select(replica => replica.EndAsync()));
        var (last, refused) = await WatchAsync(suite, credential, end.AddSeconds(20));

        Assert.That(last, Is.LessThan(end.AddMilliseconds(1)), "no login was taken after the end");
        Assert.That(refused, Is.GreaterThanOrEqualTo(end), "none was refused before it");
        Assert.That(refused, Is.LessThan(end.AddSeconds(20)));
    }

    /// <summary>Logs in again and again: when the last login that was taken began, and when the first that was refused had its answer.</summary>
    private static async Task<(DateTimeOffset? Last, DateTimeOffset Refused)> WatchAsync(
        Suite suite,
        LoginCredential credential,
        DateTimeOffset patience
    )
    {
        DateTimeOffset? last = null;
        while (DateTimeOffset.UtcNow < patience)
        {
            var asked = DateTimeOffset.UtcNow;
            if (!await credential.LogsInAsync(suite.Target))
            {
                return (last, DateTimeOffset.UtcNow);
            }

            last = asked;
        }

        return (last, DateTimeOffset.MaxValue);
    }

    private static async Task<DateTimeOffset?> EndOfAsync(Suite suite, LoginCredential credential)
    {
        await using var connection = await TargetCluster.OpenAsync(suite.Target.Orders);
        await using var command = new Npgsql.NpgsqlCommand("select rolvaliduntil from pg_roles where rolname = $1", connection);
        command.Parameters.Add(new() { Value = credential.Username });
        return await command.ExecuteScalarAsync() is DateTime end ? new DateTimeOffset(end, TimeSpan.Zero) : null;
    }
}
