using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Intake.Door;
using Governance.Intake.Names;
using Governance.Intake.Reading;

namespace Governance.Intake.Http;

/// <summary>Who calls. Until there is authentication, a caller may name itself in a header, and only in Development; elsewhere nobody gets in.</summary>
internal sealed class CallerHeader(NameResolver names, IHostEnvironment environment)
{
    public const string Name = "X-Governance-Actor";

    /// <returns>The caller, or the answer that turns it away.</returns>
    public async Task<(ActorRef? Caller, IResult? Answer)> ReadAsync(HttpRequest request)
    {
        if (!environment.IsDevelopment())
        {
            return (
                null,
                Problems.Unauthorized("authentication-required", "This installation has no authentication yet; requests come in over AMQP.")
            );
        }

        var values = request.Headers[Name];
        if (values.Count == 0)
        {
            return (Delivery.Nobody(Delivery.Http), null);
        }

        var name = values.Count == 1 ? values[0] ?? "" : "";
        var found = TextRules.Fault(name, Limits.IdLength, TextKind.Reference) is null
            ? await names.FindAsync(name, request.HttpContext.RequestAborted)
            : null;
        return found is null
            ? (null, Problems.Unauthorized("unknown-actor", $"The header {Name} has to name one principal of the catalog."))
            : (
                new ActorRef
                {
                    Id = found.Id,
                    Kind = found.Kind,
                    Via = Delivery.Http,
                    Assurance = Assurance.Verified,
                },
                null
            );
    }
}
