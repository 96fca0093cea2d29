using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Load;

/// <summary>Does what people do with a grant once it is in some state, until it is answered.</summary>
internal sealed class People(Suite suite, TimeSpan pause, TimeSpan patience)
{
    private static readonly string[] Over = ["ended", "denied", "lapsed", "rejected", "withdrawn"];

    /// <summary>Sends the command twice with the same key.</summary>
    /// <returns>Whether it was answered; else the grant was over before, or was never in such a state.</returns>
    public async Task<bool> WhenAsync(Guid grant, string[] states, string verb, string actor, string? body = null)
    {
        var until = DateTimeOffset.UtcNow + patience;
        var pauses = new Pauses(pause);
        while (DateTimeOffset.UtcNow < until)
        {
            try
            {
                var now = await suite.Api.GetAsync(grant);
                if (Over.Contains(now?.State, StringComparer.Ordinal))
                {
                    return false;
                }

                if (states.Contains(now?.State, StringComparer.Ordinal))
                {
                    var key = "the-key-to-" + verb;
                    var answers = await Task.WhenAll(
                        suite.Api.CommandAsync(grant, verb, actor, key, body),
                        suite.Api.CommandAsync(grant, verb, actor, key, body)
                    );
                    if (answers.All(a => (int)a.Status < 500))
                    {
                        return true;
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException)
            {
                // No replica answers: again.
            }

            await pauses.WaitAsync();
        }

        return false;
    }

    /// <summary>Asks until a replica answers; null when nobody knows the grant.</summary>
    public async Task<Answer?> LookAsync(Guid grant)
    {
        var pauses = new Pauses(pause);
        while (true)
        {
            try
            {
                return await suite.Api.GetAsync(grant);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException)
            {
                await pauses.WaitAsync();
            }
        }
    }
}
