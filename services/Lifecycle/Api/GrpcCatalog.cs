using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Decisions;
using Governance.Grpc.V1;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Facts;
using Governance.Reading;
using Grpc.Core;
using Marten;

namespace Governance.Lifecycle.Api;

/// <summary>The catalog's one reader answers for it.</summary>
internal sealed class GrpcCatalog(IDocumentStore store, Catalogs catalogs, FactsAssembler facts, TimeProvider clock)
    : Governance.Grpc.V1.Catalog.CatalogBase
{
    public override async Task<ResolveResponse> Resolve(ResolveRequest request, ServerCallContext context)
    {
        await using var session = store.QuerySession();
        var catalog = await InForceAsync(session, context);
        var answer = new ResolveResponse { CatalogDigest = catalog.Digest };
        foreach (var name in request.Principals.Distinct(StringComparer.Ordinal))
        {
            if (catalog.Find(name) is { } known)
            {
                answer.Principals[name] = new ResolvedPrincipal
                {
                    Id = known.Id,
                    Kind = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(known.Kind.ToString()),
                };
            }
        }

        answer.Entitlements.Add(request.Entitlements.Where(e => catalog.Entitlement(e) is not null));
        answer.TrustedFor.Add(catalog.TrustOf(request.Source, request.VerifiedUser, request.VerifiedCaller));
        answer.Proven = catalog.IsProven(request.Source, request.VerifiedUser, request.VerifiedCaller);
        return answer;
    }

    public override async Task<SourcesResponse> Sources(SourcesRequest request, ServerCallContext context)
    {
        await using var session = store.QuerySession();
        var catalog = await InForceAsync(session, context);
        return new SourcesResponse
        {
            CatalogDigest = catalog.Digest,
            Sources =
            {
                catalog.Content.Sources.Select(s => new KnownSource
                {
                    Source = s.Source,
                    Users = { s.Users },
                    Callers = { s.Callers ?? [] },
                }),
            },
        };
    }

    public override async Task<AssembleFactsResponse> AssembleFacts(AssembleFactsRequest request, ServerCallContext context)
    {
        RequestQuestion.Check(request);
        await using var session = store.QuerySession();
        var catalog = await InForceAsync(session, context);
        var requester = catalog.Find(request.Requester) ?? throw Unknown("requester", request.Requester);
        var principal = catalog.Find(request.Principal) ?? throw Unknown("principal", request.Principal);
        if (catalog.Entitlement(request.Entitlement) is null)
        {
            throw Unknown("entitlement", request.Entitlement, catalog.Content.Entitlements.Select(e => e.Id));
        }

        var onBehalfOf = request.OnBehalfOf.Select(name => (catalog.Find(name) ?? throw Unknown("onBehalfOf", name)).Id).ToList();
        // One principal may have two names.
        RequestQuestion.CheckChain(principal.Id, onBehalfOf);
        var assurance = request.Verified ? Assurance.Verified : Assurance.Claimed;
        var question = new FactsQuestion
        {
            Request = new RequestFacts
            {
                Grant = Guid.Empty,
                Requester = requester.Id,
                RequesterAssurance = assurance,
                Via = "grpc",
                Source = "urn:governance:dry-run",
                Duration = request.Duration.ToTimeSpan(),
                NotBefore = request.NotBefore?.ToDateTimeOffset(),
                Emergency = request.Emergency,
                EmergencyAssurance = assurance,
                Ticket = TicketOf(request, catalog, assurance),
                DelegationAssurance = request.OnBehalfOf.Count == 0 ? null : assurance,
            },
            Principal = principal.Id,
            Entitlement = request.Entitlement,
            OnBehalfOf = onBehalfOf.Count == 0 ? null : onBehalfOf,
        };
        var assembled = await facts.AssembleAsync(session, question, context.CancellationToken);
        return assembled.Problem is { } problem
            ? throw new RpcException(new Status(problem.Wait ? StatusCode.Unavailable : StatusCode.NotFound, problem.Message))
            : new AssembleFactsResponse
            {
                FactsJson = assembled.Text,
                FactsDigest = assembled.Digest,
                Now = clock.Now().ToTimestamp(),
            };
    }

    private static TicketFacts? TicketOf(AssembleFactsRequest request, LoadedCatalog catalog, Assurance assurance)
    {
        if (request.TicketKey.Length == 0)
        {
            return null;
        }

        return new TicketFacts
        {
            System = request.TicketSystem,
            Key = request.TicketKey,
            State = request.TicketState.Length == 0 ? null : request.TicketState,
            Assurance = assurance,
            Assignee = catalog.Find(request.TicketAssignee) is { Kind: PrincipalKind.Human } person ? person.Id : null,
            ConfigurationItem = request.TicketConfigurationItem.Length == 0 ? null : request.TicketConfigurationItem,
            ChangeWindow = request.TicketWindowStart is null
                ? null
                : new ChangeWindow(request.TicketWindowStart.ToDateTimeOffset(), request.TicketWindowEnd!.ToDateTimeOffset()),
        };
    }

    private async Task<LoadedCatalog> InForceAsync(IQuerySession session, ServerCallContext context) =>
        await catalogs.InForceAsync(session, context.CancellationToken)
        ?? throw new RpcException(new Status(StatusCode.Unavailable, "No catalog is in force yet."));

    private static RpcException Unknown(string field, string name, IEnumerable<string>? known = null) =>
        new(
            new Status(
                StatusCode.NotFound,
                Suggestions.For(name, known ?? []) is { Length: > 0 } meant
                    ? $"{field}: the catalog has no '{TextRules.Shown(name)}'{meant}"
                    : $"{field}: the catalog has no '{TextRules.Shown(name)}'."
            )
        );
}
