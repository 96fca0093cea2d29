using System.Globalization;
using System.Net;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Flow;

/// <summary>One suite for all tests of this namespace, with a receiver for its telemetry.</summary>
[SetUpFixture]
public sealed class FlowSuite
{
    private static int _requests;
    private static int _principals;

    internal static Suite Current { get; private set; } = null!;

    internal static SpanReceiver Spans { get; private set; } = null!;

    internal static SuiteApi Api => Current.Api;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Spans = SpanReceiver.Start();
        Current = await Suite.StartAsync(
            new SuiteShape("flow", Replicas: 1, Principals: 99)
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Spans.Address.ToString(),
                    ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    ["Governance__TraceShare"] = "1",
                    ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
                    ["OTEL_METRIC_EXPORT_INTERVAL"] = "3600000",
                },
            }
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Current is not null)
        {
            await Current.DisposeAsync();
        }

        Spans?.Dispose();
    }

    /// <summary>A request for a principal that no other test uses.</summary>
    internal static AccessRequest Request(LoadEntitlement entitlement, TimeSpan duration, LoadPrincipal? principal = null) =>
        new()
        {
            Id = "flow-" + Interlocked.Increment(ref _requests).ToString(CultureInfo.InvariantCulture),
            Principal = principal ?? Current.Catalog.Principals[Interlocked.Increment(ref _principals) - 1],
            Entitlement = entitlement,
            Duration = duration,
        };

    internal static async Task<AccessRequest> PublishAsync(AccessRequest request)
    {
        await Current.Publisher.PublishAsync(request.ToJson(), CancellationToken.None);
        return request;
    }

    internal static Task<Answer?> StateAsync(AccessRequest request, string state, TimeSpan? timeout = null) =>
        Eventually.Until(
            () => Api.GetAsync(request.GrantId),
            grant => grant?.State == state,
            timeout ?? TimeSpan.FromSeconds(30),
            $"{request.Id} is {state}"
        );

    internal static async Task<bool> IsMemberAsync(AccessRequest request) =>
        (await Current.Target.MembershipsAsync(Current.Catalog.Tag)).Contains(
            $"{request.Principal.Account} in {request.Entitlement.Privilege}",
            StringComparer.Ordinal
        );

    internal static void IsOk(Answer answer, string state) =>
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
            Assert.That(answer.State, Is.EqualTo(state));
        });
}
