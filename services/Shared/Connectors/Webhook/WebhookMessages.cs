namespace Governance.Connectors.Webhook;

internal static class WebhookTypes
{
    public const string Desired = "governance.holding.desired.v1";

    public const string Read = "governance.holding.read.v1";

    public const string List = "governance.holding.list.v1";

    public const string State = "governance.holding.state.v1";

    public const string Page = "governance.holding.page.v1";

    public const string Problem = "governance.holding.problem.v1";
}

internal sealed record WebhookMessage<T>(string Type, DateTimeOffset Timestamp, T Data);

internal sealed record DesiredData
{
    public required Guid Holder { get; init; }

    public required string Account { get; init; }

    public required string Privilege { get; init; }

    public required long Revision { get; init; }

    public required bool Wanted { get; init; }

    public required IReadOnlyList<LeaseData> Leases { get; init; }
}

internal sealed record LeaseData(Guid Grant, DateTimeOffset Until);

internal sealed record ReadData(string Account, string Privilege);

internal sealed record ListData(string? Page);

/// <summary>Every answer repeats the id of the request, so that no old one can stand in for it.</summary>
internal interface IWebhookAnswer
{
    string Type { get; }

    string Answers { get; }
}

internal sealed record StateAnswer : IWebhookAnswer
{
    public required string Type { get; init; }

    public required string Answers { get; init; }

    public required string Account { get; init; }

    public required string Privilege { get; init; }

    public required bool Held { get; init; }

    public bool? Effective { get; init; }

    public IReadOnlyList<string>? Paths { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Marker { get; init; }
}

internal sealed record PageAnswer : IWebhookAnswer
{
    public required string Type { get; init; }

    public required string Answers { get; init; }

    public required IReadOnlyList<PageItem> Items { get; init; }

    public string? Next { get; init; }
}

internal sealed record PageItem
{
    public required string Account { get; init; }

    public required string Privilege { get; init; }

    public string? Marker { get; init; }
}

internal sealed record ProblemAnswer : IWebhookAnswer
{
    public required string Type { get; init; }

    public required string Answers { get; init; }

    public required ProblemCode Code { get; init; }

    public long? Revision { get; init; }
}

internal enum ProblemCode
{
    UnknownAccount,
    UnknownPrivilege,
    HigherRevision,
    Refused,
}

internal sealed record WebhookPageToken(string Next);
