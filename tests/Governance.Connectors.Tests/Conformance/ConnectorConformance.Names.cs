namespace Governance.Connectors.Tests.Conformance;

// Names go through as they are, or are refused; never do they mean something else.
public abstract partial class ConnectorConformance
{
    private static readonly string[] Names =
    [
        "o'brien \"svc\"",
        "dienst-größe-測試-🔑",
        "../../admin",
        "..",
        "a/b\\c",
        "100%",
        "%2F%2e%2e%00",
        "a;b=c;Password=x",
        "a\"; drop role x; --",
        "a'); delete from holdings; --",
        "$apply$ %I %s {0} ${x} $(id)",
        "?a=b&c=d#e",
        " begins and ends with a space ",
        "*",
        ".*",
        "{\"a\":[1]}",
        "<x a=\"b\"/>",
        "a:b@c",
        "a,b+c|d",
        "name eq \"x\" or \"a\" eq \"a\"",
    ];

    private static readonly string[] NoNames = ["", "nul\0name", "line\r\nHost: elsewhere", new('x', 5000)];

    // An account's and a privilege's: both at once where the target can have such names for both.
    [TestCaseSource(nameof(Names))]
    public async Task Should_take_names_as_they_are(string name)
    {
        switch (await Target.CreateAccountAsync(name), await Target.CreatePrivilegeAsync(name))
        {
            case ({ } account, { } privilege):
                await AssertTakenAsItIsAsync(new Place(account, privilege));
                break;
            case ({ } account, null):
                await AssertTakenAsItIsAsync(new Place(account, await PrivilegeAsync()));
                await AssertRefusedAsync(new Place("svc", name));
                break;
            case (null, { } privilege):
                await AssertTakenAsItIsAsync(new Place(await AccountAsync(), privilege));
                await AssertRefusedAsync(new Place(name, "readonly"));
                break;
            default:
                await AssertRefusedAsync(new Place(name, "readonly"));
                await AssertRefusedAsync(new Place("svc", name));
                break;
        }
    }

    [TestCaseSource(nameof(NoNames))]
    public async Task Should_refuse_what_is_no_name(string name)
    {
        var place = await CreatePlaceAsync();
        await AssertRefusedAsync(place with { Account = name });
        await AssertRefusedAsync(place with { Privilege = name });
    }

    private async Task<string> AccountAsync() => (await Target.CreateAccountAsync("svc"))!;

    private async Task<string> PrivilegeAsync() => (await Target.CreatePrivilegeAsync("readonly"))!;

    private async Task AssertTakenAsItIsAsync(Place place)
    {
        var bystander = await CreatePlaceAsync();
        await ApplyAsync(Wanted(bystander, 1));
        await ApplyAsync(Wanted(place, 1));
        await AssertHasAsync(place, expected: true);
        Assert.That((await ListAsync()).Count(item => item.Account == place.Account && item.Privilege == place.Privilege), Is.EqualTo(1));

        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
        await AssertHasAsync(bystander, expected: true);
    }

    private async Task AssertRefusedAsync(Place place)
    {
        var before = await ListAsync();
        var outcome = await TryAsync(Wanted(place, 1));
        Assert.That(
            (outcome.Failure?.Code, outcome.Failure?.MayHaveHappened),
            Is.EqualTo((ConnectorErrors.UnknownAccount, false)).Or.EqualTo((ConnectorErrors.UnknownPrivilege, false)),
            outcome.ToString()
        );
        var observed = await ReadAsync(place);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, false)));
        await ApplyAsync(Unwanted(place, 2));
        Assert.That(await ListAsync(), Is.EqualTo(before));
    }
}
