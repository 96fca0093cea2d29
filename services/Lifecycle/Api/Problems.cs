using Governance.ServiceDefaults.Http;

namespace Governance.Lifecycle.Api;

/// <summary>Problem details (RFC 9457) with a stable code.</summary>
internal static class Problems
{
    public static IResult Of(int status, string code, string detail, params (string Key, object? Value)[] more) =>
        ProblemResults.Of(status, code, detail, more);

    public static IResult NoSuchGrant(Guid id) =>
        Of(
            StatusCodes.Status404NotFound,
            "no-such-grant",
            $"There is no grant {id}. A request that was just sent may still be on its way."
        );
}
