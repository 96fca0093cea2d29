using Governance.Contracts;

namespace Governance.Lifecycle.Api;

/// <summary>Who may take access from many at once: a person.</summary>
internal static class Operators
{
    /// <summary>The person who calls, or the problem to answer with.</summary>
    public static async Task<(ActorRef? Actor, IResult? Problem)> IdentifyAsync(CallerIdentity callers, HttpContext http)
    {
        var (actor, problem) = await callers.IdentifyAsync(http);
        return actor is null or { Kind: "human" }
            ? (actor, problem)
            : (
                null,
                Problems.Of(
                    StatusCodes.Status403Forbidden,
                    "not-human",
                    "Only a person takes access from many at once, or confirms that it is taken."
                )
            );
    }
}
