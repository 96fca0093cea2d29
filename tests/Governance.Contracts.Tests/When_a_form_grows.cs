using System.Text.Json.Nodes;

namespace Governance.Contracts.Tests;

public sealed class When_a_form_grows
{
    private const string Form = """{"id":"a","n":1,"risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""";

    private static readonly Growth Members = new([
        ["low", "high"],
        ["w", "v"],
    ]);
    private static readonly Growth Words = new([], wordsMayCome: true);

    [TestCase("""{"id":"a","n":1,"risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""")]
    [TestCase("""{"new":null,"words":["w"],"n":1,"id":"a","risk":"low","nested":{"on":true,"off":1},"list":[{"x":1,"y":2}]}""")]
    [TestCase("""{"id":"a","n":1,"risk":"high","nested":{"on":true},"list":[{"x":1}],"words":["v"]}""")]
    public void Should_allow_what_is_added(string newer) => Assert.That(Losses(Members, Form, newer), Is.Empty);

    [TestCase("""{"n":1,"risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""", "/id: removed")]
    [TestCase("""{"id":null,"n":1,"risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""", "/id: ")]
    [TestCase("""{"id":"a","n":"1","risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""", "/n: ")]
    [TestCase("""{"id":"a","n":1,"risk":"v","nested":{"on":true},"list":[{"x":1}],"words":["w"]}""", "/risk: ")]
    [TestCase("""{"id":"a","n":1,"risk":0,"nested":{"on":true},"list":[{"x":1}],"words":["w"]}""", "/risk: ")]
    [TestCase("""{"id":"a","n":1,"risk":"low","nested":{},"list":[{"x":1}],"words":["w"]}""", "/nested/on: removed")]
    [TestCase("""{"id":"a","n":1,"risk":"low","nested":[],"list":[{"x":1}],"words":["w"]}""", "/nested: ")]
    [TestCase("""{"id":"a","n":1,"risk":"low","nested":{"on":true},"list":[],"words":["w"]}""", "/list: ")]
    [TestCase("""{"id":"a","n":1,"risk":"low","nested":{"on":true},"list":[{}],"words":["w"]}""", "/list/0/x: removed")]
    [TestCase("""{"id":"a","n":1,"risk":"low","nested":{"on":true},"list":[{"x":1}],"words":["w","v"]}""", "/words: ")]
    public void Should_find_what_is_lost(string newer, string loss) =>
        Assert.That(Losses(Members, Form, newer), Has.Count.EqualTo(1).And.Some.StartsWith(loss));

    [TestCase("""{"Risk":["low","high"]}""")]
    [TestCase("""{"New":["a"],"Risk":["lowest","low","medium","high","highest"]}""")]
    public void Should_allow_words_that_come(string newer) => Assert.That(Losses(Words, """{"Risk":["low","high"]}""", newer), Is.Empty);

    [TestCase("""{}""")]
    [TestCase("""{"Risk":["low"]}""")]
    [TestCase("""{"Risk":["low","higher"]}""")]
    [TestCase("""{"Risk":["high","low"]}""")]
    public void Should_miss_words_that_went(string newer) =>
        Assert.That(Losses(Words, """{"Risk":["low","high"]}""", newer), Has.Count.EqualTo(1));

    private static IReadOnlyList<string> Losses(Growth growth, string older, string newer) =>
        growth.Losses(JsonNode.Parse(older)!, JsonNode.Parse(newer)!);
}
