namespace Governance.Cedar.Tests;

public sealed class When_the_engine_is_loaded
{
    private static readonly CedarPolicySet All = CedarPolicySet.FromText("permit(principal, action, resource);", schema: null);

    private string _directory = string.Empty;

    [SetUp]
    public void CreateDirectory() => _directory = Directory.CreateTempSubdirectory("cedar-engine-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Should_say_what_it_is()
    {
        Assert.That(TheEngine.Shared.EngineVersion, Is.EqualTo("4.13.0"));
        Assert.That(TheEngine.Shared.LanguageVersion, Is.EqualTo("4.5"));
        Assert.That(TheEngine.Shared.WasmDigest, Does.Match("^sha256:[0-9a-f]{64}$"));
    }

    [Test]
    public void Should_keep_the_compiled_code_and_mend_it_when_it_is_damaged()
    {
        Assert.That(Works(_directory));
        var file = Directory.GetFiles(_directory).Single();
        var good = File.ReadAllBytes(file);

        Assert.That(Works(_directory));
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(good));

        File.WriteAllBytes(file, good[..(good.Length / 2)]);
        Assert.That(Works(_directory));
        Assert.That(File.ReadAllBytes(file), Has.Length.EqualTo(good.Length));
    }

    [Test]
    public void Should_work_where_nothing_can_be_written()
    {
        var file = Path.Combine(_directory, "a-file");
        File.WriteAllText(file, string.Empty);
        Assert.That(Works(Path.Combine(file, "below")));
    }

    [Test, Platform(Exclude = "Win")]
    public void Should_not_run_code_from_a_directory_that_others_may_write_to()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory, File.GetUnixFileMode(_directory) | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        }

        Assert.That(Works(_directory));
        Assert.That(Directory.GetFiles(_directory), Is.Empty);
    }

    [Test]
    public void Should_refuse_a_file_that_is_not_the_engine()
    {
        var file = Path.Combine(_directory, "other.wasm");
        File.WriteAllText(file, "(module)");
        Assert.That(() => CedarEngine.Create(new CedarEngineOptions { WasmPath = file }), Throws.TypeOf<CedarEngineException>());
        Assert.That(
            () => CedarEngine.Create(new CedarEngineOptions { WasmPath = file + ".missing" }),
            Throws.TypeOf<FileNotFoundException>()
        );
    }

    private static bool Works(string cacheDirectory)
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { CacheDirectory = cacheDirectory });
        return engine.Authorize(All, new CedarRequest(new("U", "u"), new("Action", "a"), new("R", "r"), "{}", "[]")).Decision
            == CedarDecision.Allow;
    }
}
