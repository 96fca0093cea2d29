using System.Globalization;
using System.Text;
using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

/// <summary>
/// Any owners, groups and integrations, and any requests: who may vote is held against the rules as sets. A failure names the seed that
/// repeats it.
/// </summary>
public sealed class When_anybody_stands_behind_a_request
{
    private const int Worlds = 12;
    private const int RequestsOfEach = 150;
    private const string Source = "https://itsm.example.com/any";
    private static readonly string[] People = [.. Enumerable.Range(0, 7).Select(n => "p-any" + n.ToString(CultureInfo.InvariantCulture))];
    private static readonly string[] Identities = ["svc-0", "svc-1", "svc-2", "svc-3", "svc-4"];
    private static readonly string[] Places = ["group:a", "group:b", "owner", "user:p-any1", "user:svc-1"];

    [Test]
    public void Should_keep_out_just_those_who_do()
    {
        var (allowed, kept) = (0, 0);
        for (var seed = 0; seed < Worlds; seed++)
        {
            var random = new Random(seed);
            var world = World.Any(random);
            for (var number = 0; number < RequestsOfEach; number++)
            {
                var grant = Any(random);
                var behind = BehindOf(world, grant);
                foreach (var who in People.Concat(Identities))
                {
                    var fits = grant.Gates.SelectMany(g => g.Slots).Where(s => Fits(world, s.From, who)).ToList();
                    var may = People.Contains(who, StringComparer.Ordinal) && !behind.Contains(who);
                    var context = $"seed {seed}, request {number}: {who}";
                    Assert.That(
                        Votes.ObjectionTo(world.Catalog, grant, Requests.Person(who)) is null,
                        Is.EqualTo(may && fits.Count > 0),
                        context
                    );
                    Assert.That(Votes.MayVote(world.Catalog, grant, who), Is.EqualTo(may && fits.Exists(s => s.Approval is null)), context);
                    Assert.That(Votes.MayRead(world.Catalog, grant, Requests.Person(who)), Is.EqualTo(may && fits.Count > 0), context);
                    var claimed = Requests.Person(who) with { Assurance = Assurance.Claimed };
                    Assert.That(Votes.ObjectionTo(world.Catalog, grant, claimed), Is.Not.Null, context);
                    (allowed, kept) = (allowed + (may ? 1 : 0), kept + (behind.Contains(who) ? 1 : 0));
                }
            }
        }

        Assert.That(allowed, Is.GreaterThan(Worlds * RequestsOfEach), "it was really tried");
        Assert.That(kept, Is.GreaterThan(Worlds * RequestsOfEach));
    }

    private static Grant Any(Random random)
    {
        string[] all = [.. People, .. Identities];
        string[] senders = ["", .. all, "broker:itsm-any", "broker:svc-2", "broker:left"];
        return new Grant
        {
            Requester = One(random, all),
            Principal = One(random, Identities),
            Entitlement = TestCatalog.Writer,
            CurrentState = GrantState.AwaitingApproval,
            Sender = One(random, senders),
            SentBy = random.Next(3) == 0 ? [One(random, all)] : null,
            OnBehalfOf = random.Next(3) == 0 ? [One(random, all)] : null,
            Renewal =
                random.Next(3) == 0
                    ? new GrantRenewal(One(random, all), TimeSpan.FromHours(1), DateTimeOffset.UnixEpoch, RenewalStatus.AwaitingApproval)
                    : null,
            Gates =
            [
                Answers.Gate() with
                {
                    Slots =
                    [
                        .. Enumerable
                            .Range(0, random.Next(1, 4))
                            .Select(_ => new GateSlot
                            {
                                From = One(random, Places),
                                Approval = random.Next(3) == 0 ? Guid.NewGuid() : null,
                            }),
                    ],
                },
            ],
        };
    }

    // Everybody who is named, whoever answers for the integration that sent it, and the owner of each of them.
    private static HashSet<string> BehindOf(World world, Grant grant)
    {
        var named = new List<string?>
        {
            grant.Requester,
            grant.Principal,
            grant.Renewal?.Requester,
            grant.Sender switch
            {
                "broker:itsm-any" => world.Integration,
                "broker:svc-2" => "svc-2",
                var sender => sender,
            },
        };
        named.AddRange(grant.SentBy ?? []);
        named.AddRange(grant.OnBehalfOf ?? []);
        var known = named.OfType<string>().ToList();
        return known.Concat(known.Where(world.Owners.ContainsKey).Select(id => world.Owners[id])).ToHashSet(StringComparer.Ordinal);
    }

    private static bool Fits(World world, string place, string who) =>
        place switch
        {
            "owner" => who == world.Owner,
            "group:a" or "group:b" => world.Groups.TryGetValue(who, out var groups) && groups.Contains(place[^1]),
            _ => place == "user:" + who,
        };

    private static string One(Random random, string[] of) => of[random.Next(of.Length)];

    /// <summary>A catalog, and what was written into it.</summary>
    private sealed record World(
        LoadedCatalog Catalog,
        string Owner,
        string Integration,
        Dictionary<string, string> Owners,
        Dictionary<string, string> Groups
    )
    {
        public static World Any(Random random)
        {
            var owner = One(random, People);
            var integration = One(random, People);
            var owners = Identities.ToDictionary(id => id, _ => One(random, People), StringComparer.Ordinal);
            var groups = People.ToDictionary(id => id, _ => One(random, ["", "a", "b", "ab"]), StringComparer.Ordinal);
            var yaml = new StringBuilder(
                $$"""
                targets: [{ id: orders-db, kind: postgresql, environment: production, tier: 2 }]
                entitlements:
                  - { id: {{TestCatalog.Writer}}, target: orders-db, risk: high, maxDuration: PT2H, owner: {{owner}}@example.com, privilege: w, privileges: [w] }
                people:

                """
            );
            foreach (var (id, of) in groups)
            {
                var list = string.Join(", ", of.Select(g => g.ToString()));
                yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{ id: {id}, name: {id}@example.com, groups: [{list}] }}");
            }

            yaml.AppendLine("principals:");
            foreach (var (id, of) in owners)
            {
                yaml.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  - {{ id: {id}, kind: service-account, owner: {of}@example.com, accounts: {{ orders-db: {id} }} }}"
                );
            }

            yaml.AppendLine("sources:");
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $"  - {{ source: '{Source}', users: [itsm-any], trustedFor: [requester], owner: {integration}@example.com }}"
            );
            var directory = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
            try
            {
                File.WriteAllText(Path.Combine(directory, "any.yaml"), yaml.ToString());
                return new World(CatalogLoader.Load(directory), owner, integration, owners, groups);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }
}
