using System.Globalization;
using System.Text;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Races;

/// <summary>People with so many identities each, any of which can be given to somebody else.</summary>
internal sealed class RaceCatalog(int owners, int identities)
{
    private readonly Dictionary<string, int> _ownerOf = Enumerable
        .Range(0, owners)
        .SelectMany(o => Enumerable.Range(0, identities).Select(i => (Id: Identity(o, i), Owner: o)))
        .ToDictionary(x => x.Id, x => x.Owner, StringComparer.Ordinal);

    public int Owners => owners;

    public int Identities => identities;

    public static string Human(int owner) => "p-racer" + owner.ToString("D4", CultureInfo.InvariantCulture);

    public static string Identity(int owner, int number) => string.Create(CultureInfo.InvariantCulture, $"svc-race-{owner:D4}-{number:D2}");

    public int OwnerOf(string identity) => _ownerOf[identity];

    public void Transfer(string identity, int to) => _ownerOf[identity] = to;

    public Actor ActorOf(string identity)
    {
        var owner = _ownerOf[identity];
        return new Actor(Human(owner), Name(owner), identity, identity);
    }

    /// <summary>Written beside and moved into place: nobody reads half a catalog.</summary>
    public void Write(string directory)
    {
        var yaml = new StringBuilder("people:\n");
        for (var owner = 0; owner < owners; owner++)
        {
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{ id: {Human(owner)}, name: {Name(owner)} }}");
        }

        yaml.AppendLine("principals:");
        foreach (var (id, owner) in _ownerOf)
        {
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {id}, kind: service-account, owner: {Name(owner)}, accounts: {{ orders-db: {id}, ledger-db: {id} }} }}"
            );
        }

        var path = Path.Combine(directory, "races.yaml");
        File.WriteAllText(path + ".new", yaml.ToString());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string Name(int owner) => $"racer-{owner.ToString(CultureInfo.InvariantCulture)}@example.com";
}
