using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Cedar.Tests;

/// <summary>Random policies, entities and contexts under a schema that has something of everything. Some are wrong, and many policies err.</summary>
internal sealed class AnyWorld(int seed)
{
    public const string Schema = """
        entity Team enum ["red", "blue"];
        entity Group in [Group] { level: Long };
        entity User in [Group] {
          active: Bool, name: String, boss?: User, home?: Group, team?: Team,
          limits: { max: Long, note?: String, of?: { deep: Bool } },
          friends: Set<User>, roles: Set<{ name: String, level: Long }>,
          since: datetime, quota: duration, score: decimal
        } tags Set<String>;
        entity Folder in [Folder];
        entity Doc in [Folder] { owner: User, title: String, labels: Set<String>, twin?: Doc };
        action any;
        action read, write in [any] appliesTo {
          principal: [User], resource: [Doc],
          context: { now: datetime, who?: User, doc?: Doc, n: Long, words: Set<String>, info: { a: Long, b?: { c: String } }, level?: Long }
        };
        """;

    private static readonly string[] Times = ["2026-01-01T00:00:00.000Z", "2026-11-23T12:00:00.000Z", "2027-02-28T23:59:59.999Z"];
    private static readonly string[] Words = ["a", "b", "ab", "", "Ž \"q\"", "\ud83d\udc0e"];
    private static readonly string[] Attributes =
    [
        "active",
        "name",
        "boss",
        "home",
        "team",
        "limits",
        "friends",
        "roles",
        "level",
        "owner",
        "title",
        "labels",
        "twin",
        "missing",
        "note",
    ];

    private readonly Random _random = new(seed);

    public IReadOnlyDictionary<string, string> Policies(int count) =>
        Enumerable
            .Range(0, count)
            .ToDictionary(number => string.Create(CultureInfo.InvariantCulture, $"p{number}"), _ => Policy(), StringComparer.Ordinal);

    public CedarRequest Request()
    {
        var context = Context();
        var entities = Entities();
        if (_random.Next(12) == 0)
        {
            Spoil(Pick<JsonNode>(context, entities));
        }

        return new CedarRequest(
            new CedarUid("User", "u" + _random.Next(5)),
            new CedarUid("Action", Pick("read", "read", "read", "write", "any")),
            new CedarUid(Pick("Doc", "Doc", "Doc", "Doc", "Doc", "Doc", "Folder"), "d" + _random.Next(4)),
            context.ToJsonString(),
            entities.ToJsonString()
        )
        {
            Validate = _random.Next(4) > 0,
        };
    }

    private string Policy()
    {
        var principal = Pick(
            "principal",
            "principal",
            "principal == User::\"u1\"",
            "principal in Group::\"g1\"",
            "principal is User",
            "principal is User in Group::\"g0\""
        );
        var action = Pick(
            "action",
            "action == Action::\"read\"",
            "action in Action::\"any\"",
            "action in [Action::\"read\", Action::\"write\"]"
        );
        var resource = Pick(
            "resource",
            "resource",
            "resource == Doc::\"d1\"",
            "resource == Doc::\"d2\"",
            "resource in Folder::\"f0\"",
            "resource is Doc"
        );
        var conditions = string.Concat(
            Enumerable.Range(0, _random.Next(3)).Select(_ => $" {Pick("when", "when", "unless")} {{ {Bool(3)} }}")
        );
        return $"{Pick("permit", "permit", "forbid")}({principal}, {action}, {resource}){conditions};";
    }

    private string Bool(int depth) =>
        depth == 0
            ? Pick("true", "principal.active", "context has who", "context has info.b", "resource.owner.active", "principal has boss")
            : _random.Next(26) switch
            {
                0 => $"({Entity(depth - 1)}).active",
                1 => $"({Entity(depth - 1)}) has {Pick(Attributes)}",
                2 => $"({Entity(depth - 1)}) has boss.{Pick("active", "boss", "home.level", "limits.note")}",
                3 or 4 => $"({Entity(depth - 1)}) in ({Entity(depth - 1)})",
                5 => $"({Entity(depth - 1)}) in [{Entity(depth - 1)}, Group::\"g2\"]",
                6 => $"({Entity(depth - 1)}) == ({Entity(depth - 1)})",
                7 => $"({Long(depth - 1)}) {Pick("<", "<=", ">", ">=", "==", "!=")} ({Long(depth - 1)})",
                8 => $"({Text(depth - 1)}) like \"{Pick("*", "a*", "*b", "a")}\"",
                9 => $"({Text(depth - 1)}) == ({Text(depth - 1)})",
                10 => $"!({Bool(depth - 1)})",
                11 or 12 => $"({Bool(depth - 1)}) && ({Bool(depth - 1)})",
                13 => $"({Bool(depth - 1)}) || ({Bool(depth - 1)})",
                14 => $"if ({Bool(depth - 1)}) then ({Bool(depth - 1)}) else ({Bool(depth - 1)})",
                15 => $"({Entity(depth - 1)}) is {Pick("User", "Doc", "Group")}",
                16 => $"({Entity(depth - 1)}) is User in ({Entity(depth - 1)})",
                17 =>
                    $"principal.friends.{Pick("contains(resource.owner)", "containsAny([User::\"u1\", User::\"u2\"])", "isEmpty()", "containsAll([])")}",
                18 => $"principal.roles.contains({{name: \"a\", level: {Long(depth - 1)}}})",
                19 => $"({Record()}) == ({Record()})",
                20 => $"context.words.containsAny(resource.labels)",
                21 => $"principal.{Pick("hasTag(\"x\")", "getTag(\"x\").contains(\"a\")")}",
                22 =>
                    $"context.now {Pick("<", ">=")} {Pick("principal.since", "principal.since.offset(principal.quota)", "datetime(\"2026-06-01\")")}",
                23 => $"principal.score.greaterThan(decimal(\"{Pick("1.5", "-2.25")}\"))",
                24 => $"({Record()}) has {Pick("max", "note", "of.deep", "a", "b.c")}",
                _ => $"({Entity(depth - 1)} has boss) && ({Entity(depth - 1)}).boss.active",
            };

    private string Entity(int depth) =>
        depth > 1 && _random.Next(20) == 0
            ? $"(if {Bool(depth - 1)} then {Entity(depth - 1)} else {Entity(depth - 1)})"
            : Pick(
                "principal",
                "principal",
                "resource",
                "principal.boss",
                "resource.owner",
                "resource.owner.boss",
                "context.who",
                "principal.home",
                "principal.team",
                "context.doc.owner",
                "resource.twin",
                "action",
                "User::\"u0\"",
                "User::\"u9\"",
                "Group::\"g0\"",
                "Group::\"g3\"",
                "Folder::\"f1\"",
                "Doc::\"d1\"",
                "Team::\"red\"",
                "Doc::\"d0\".owner",
                "Action::\"any\"",
                "principal.boss.boss.home",
                "{a: principal}.a"
            );

    private string Long(int depth) =>
        depth > 0 && _random.Next(3) == 0
            ? $"({Long(depth - 1)}) {Pick("+", "-", "*")} ({Long(depth - 1)})"
            : Pick(
                "1",
                "-3",
                "9223372036854775807",
                "context.n",
                "principal.limits.max",
                "principal.home.level",
                "context.level",
                "context.info.a",
                "resource.owner.limits.max"
            );

    private string Text(int depth) =>
        depth > 1 && _random.Next(4) == 0
            ? $"(if {Bool(depth - 1)} then {Text(depth - 1)} else {Text(depth - 1)})"
            : Pick(
                "\"a\"",
                "\"ab\"",
                "principal.name",
                "resource.title",
                "context.info.b.c",
                "principal.limits.note",
                "resource.owner.name"
            );

    private string Record() =>
        _random.Next(12) == 0
            ? "context"
            : Pick(
                "principal.limits",
                "resource.owner.limits",
                "context.info",
                "{max: 1}",
                "{max: context.n, note: principal.name}",
                "{a: 2}"
            );

    private JsonObject Context()
    {
        var context = new JsonObject
        {
            ["now"] = Extension("datetime", Pick(Times)),
            ["n"] = _random.Next(4),
            ["words"] = Set(Words),
            ["info"] = Maybe(new JsonObject { ["a"] = _random.Next(3) }, "b", () => new JsonObject { ["c"] = Pick(Words) }),
        };
        Maybe(context, "who", () => Reference("User", "u"));
        Maybe(context, "doc", () => Reference("Doc", "d"));
        return Maybe(context, "level", () => _random.Next(3));
    }

    private JsonArray Entities()
    {
        var entities = new List<JsonNode>();
        for (var i = 0; i < 5; i++)
        {
            if (_random.Next(8) == 0)
            {
                continue;
            }

            // Now and then somebody is above themselves.
            var higher = _random.Next(15) == 0 ? 5 : i;
            entities.Add(Entity("Group", "g" + i, new JsonObject { ["level"] = _random.Next(3) }, Parents("Group", "g", higher)));
            entities.Add(Entity("Folder", "f" + i, [], Parents("Folder", "f", i)));
            entities.Add(User(i));
            entities.Add(
                Entity(
                    "Doc",
                    "d" + i,
                    Maybe(
                        new JsonObject
                        {
                            ["owner"] = Reference("User", "u"),
                            ["title"] = Pick(Words),
                            ["labels"] = Set(Words),
                        },
                        "twin",
                        () => Reference("Doc", "d")
                    ),
                    Parents("Folder", "f", 5)
                )
            );
        }

        return new JsonArray([.. entities.OrderBy(_ => _random.Next())]);
    }

    private JsonObject User(int number)
    {
        var attributes = new JsonObject
        {
            ["active"] = _random.Next(3) > 0,
            ["name"] = Pick(Words),
            ["limits"] = Maybe(
                Maybe(new JsonObject { ["max"] = _random.Next(4) }, "note", () => Pick(Words)),
                "of",
                () => new JsonObject { ["deep"] = true }
            ),
            ["friends"] = new JsonArray([.. Enumerable.Range(0, _random.Next(3)).Select(_ => Reference("User", "u"))]),
            ["roles"] = new JsonArray([
                .. Enumerable.Range(0, _random.Next(3)).Select(_ => new JsonObject { ["name"] = Pick(Words), ["level"] = _random.Next(3) }),
            ]),
            ["since"] = Extension("datetime", Pick(Times)),
            ["quota"] = Extension("duration", Pick("0ms", "3600000ms", "99999999999ms")),
            ["score"] = Extension("decimal", Pick("1.5", "-2.25", "0.0", "2.0001")),
        };
        Maybe(attributes, "boss", () => Reference("User", "u"));
        Maybe(attributes, "home", () => Reference("Group", "g"));
        Maybe(attributes, "team", () => Escape("Team", Pick("red", "blue")));
        var user = Entity("User", "u" + number, attributes, Parents("Group", "g", 5));
        return Maybe(user, "tags", () => new JsonObject { ["x"] = Set(Words) });
    }

    private JsonArray Parents(string type, string prefix, int below) =>
        new([
            .. Enumerable
                .Range(0, below)
                .Where(_ => _random.Next(3) == 0)
                .Select(number => new JsonObject { ["type"] = type, ["id"] = prefix + number.ToString(CultureInfo.InvariantCulture) }),
        ]);

    private void Spoil(JsonNode part)
    {
        switch (part)
        {
            case JsonArray { Count: > 0 } entities when _random.Next(4) == 0:
                entities.Add(entities[_random.Next(entities.Count)]!.DeepClone());
                break;
            case JsonArray { Count: > 0 } entities:
                Spoil(entities[_random.Next(entities.Count)]!.AsObject());
                break;
            case JsonObject entity when entity["attrs"] is JsonObject { Count: > 0 } attributes && _random.Next(3) > 0:
                Spoil(attributes);
                break;
            case JsonObject record when record.Count > 0:
                var name = record.ElementAt(_random.Next(record.Count)).Key;
                switch (_random.Next(5))
                {
                    case 0:
                        record.Remove(name);
                        break;
                    case 1:
                        record[name] = "text";
                        break;
                    case 2:
                        record["more"] = 1;
                        break;
                    case 3:
                        record[name] = Escape("Team", "green");
                        break;
                    default:
                        record[name] = Extension("datetime", "2026-02-30T00:00:00.000Z");
                        break;
                }

                break;
        }
    }

    private static JsonObject Entity(string type, string id, JsonObject attributes, JsonArray parents) =>
        new()
        {
            ["uid"] = new JsonObject { ["type"] = type, ["id"] = id },
            ["attrs"] = attributes,
            ["parents"] = parents,
        };

    private JsonObject Maybe(JsonObject record, string name, Func<JsonNode> value)
    {
        if (_random.Next(3) > 0)
        {
            record[name] = value();
        }

        return record;
    }

    private JsonObject Reference(string type, string prefix) =>
        Escape(type, prefix + _random.Next(5).ToString(CultureInfo.InvariantCulture));

    private static JsonObject Escape(string type, string id) =>
        new()
        {
            ["__entity"] = new JsonObject { ["type"] = type, ["id"] = id },
        };

    private static JsonObject Extension(string function, string argument) =>
        new()
        {
            ["__extn"] = new JsonObject { ["fn"] = function, ["arg"] = argument },
        };

    private JsonArray Set(string[] words) => new([.. words.Where(_ => _random.Next(3) == 0).Select(word => JsonValue.Create(word))]);

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];
}
