using System.Net;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Kubernetes;

/// <summary>Clears away bindings without subjects that kept older attempts out for long enough.</summary>
/// <remarks>
/// A removal leaves at most one and clears away up to <see cref="Most"/>, so they don't pile up. It is done: what goes wrong here is told
/// in a warning and tried by a later removal.
/// </remarks>
internal sealed partial class KubernetesSweep(string target, TimeProvider clock, ILogger logger)
{
    // No connection and no proxy keeps a request for as long, and a process that stood still so long has lost its connections.
    private static readonly TimeSpan Fence = TimeSpan.FromDays(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(2);

    private const int Most = 20;
    private const string Query = "&labelSelector=" + KubernetesBinding.StateLabel + "%3D" + KubernetesBinding.Ended;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _swept = new(StringComparer.Ordinal);

    public async Task RunAsync(KubernetesCalls calls, string path)
    {
        if (!IsDue(path))
        {
            return;
        }

        try
        {
            if (await ClearAsync(calls, path) == Most)
            {
                Forget(path);
            }
        }
        catch (ConnectorException e)
        {
            Log.NotSwept(logger, target, e.Code, e.Message);
        }
    }

    private static async Task<int> ClearAsync(KubernetesCalls calls, string path)
    {
        var cleared = 0;
        string? next = null;
        do
        {
            var page = calls.Succeeded(await calls.PageAsync(path, next, Query));
            foreach (var binding in KubernetesCalls.ItemsOf(page))
            {
                if (!(binding.EndedAt + Fence < calls.ServerTime))
                {
                    continue;
                }

                if (cleared == Most || calls.Remaining < Reserve)
                {
                    return cleared;
                }

                // Only as it was seen: the same holding may just be given again.
                var answer = await calls.SendAsync(
                    HttpMethod.Delete,
                    $"{path}/{Uri.EscapeDataString(binding.Name)}",
                    binding.Preconditions()
                );
                if (answer.Status is not (HttpStatusCode.Conflict or HttpStatusCode.NotFound))
                {
                    calls.Succeeded(answer);
                    cleared++;
                }
            }

            next = KubernetesCalls.ContinueOf(page);
        } while (next is not null);

        return cleared;
    }

    private bool IsDue(string path)
    {
        lock (_lock)
        {
            var due = !_swept.TryGetValue(path, out var at) || clock.GetElapsedTime(at) >= Pause;
            if (due)
            {
                _swept[path] = clock.GetTimestamp();
            }

            return due;
        }
    }

    private void Forget(string path)
    {
        lock (_lock)
        {
            _swept.Remove(path);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            4302,
            LogLevel.Warning,
            "Target {Target}: bindings of ended access could not be cleared away ({Code}: {Reason})",
            EventName = "TargetNotSwept"
        )]
        public static partial void NotSwept(ILogger logger, string target, string code, string reason);
    }
}
