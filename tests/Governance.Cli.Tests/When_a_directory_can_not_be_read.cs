using System.Runtime.Versioning;
using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>The program, as somebody who may not read all of a directory. Root may read everything, so it is started without that right.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class When_a_directory_can_not_be_read
{
    private string _directory = "";

    [SetUp]
    public void Create() => _directory = Directory.CreateTempSubdirectory("governance-unreadable-").FullName;

    [TearDown]
    public void Delete()
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(_directory, All);
        foreach (var directory in Directory.EnumerateDirectories(_directory))
        {
            File.SetUnixFileMode(directory, All);
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Should_refuse_a_bundle_of_which_a_part_may_be_hidden()
    {
        File.Copy(RepositoryRoot.File("deploy", "policies", "10-requests.cedar"), At("10-requests.cedar"));
        var readable = await RunAsync("policy", "validate", _directory);
        Assert.That(readable.ExitCode, Is.EqualTo(ExitCodes.Success), readable.ToString());
        Close("emergency");

        var run = await RunAsync("policy", "validate", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(
            run.Lines.Single(),
            Does.StartWith(At("emergency") + ": ").And.Contains("can't be read, so nobody knows what is in it")
        );
    }

    [Test]
    public async Task Should_refuse_a_catalog_of_which_a_part_may_be_hidden()
    {
        File.Copy(RepositoryRoot.File("deploy", "catalog", "sample.yaml"), At("sample.yaml"));
        Close("more");

        var run = await RunAsync("catalog", "validate", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines.Single(), Does.StartWith(At("more") + ": ").And.Contains("can't be read, so nobody knows what is in it"));
    }

    [TestCase("policy")]
    [TestCase("catalog")]
    public async Task Should_say_that_nothing_can_be_read(string what)
    {
        File.SetUnixFileMode(_directory, UnixFileMode.None);

        var run = await RunAsync(what, "validate", _directory);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.Some.StartsWith(_directory).And.Contains("can't be read, so nobody knows what is in it"));
        Assert.That(run.Error, Does.Not.Contain("   at "));
    }

    private static async Task<Run> RunAsync(params string[] arguments)
    {
        string[] program = ["dotnet", Path.Combine(AppContext.BaseDirectory, "governance.dll"), .. arguments];
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", .. program]
            : program;
        var result = await Command.RunAsync(command[0], command[1..], TimeSpan.FromSeconds(60));
        return new Run(result.ExitCode, result.Output, result.Error);
    }

    private void Close(string name)
    {
        Directory.CreateDirectory(At(name));
        File.SetUnixFileMode(At(name), UnixFileMode.None);
    }

    private string At(string name) => Path.Combine(_directory, name);
}
