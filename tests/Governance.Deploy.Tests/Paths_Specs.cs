using System.Text.RegularExpressions;
using Governance.Testing;
using NUnit.Framework;

namespace Governance.Deploy.Tests;

public class When_files_are_mounted_or_copied
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Test]
    public void Should_mount_only_what_is_in_the_tree()
    {
        var mounted = ComposeFile
            .Services.Values.SelectMany(service => service.Volumes)
            .Where(volume => volume.StartsWith("./", StringComparison.Ordinal))
            .Select(volume => volume.Split(':')[0][2..])
            .ToList();

        Assert.That(mounted, Is.Not.Empty);
        Assert.That(mounted.Where(path => !Path.Exists(RepositoryRoot.File(path))), Is.Empty);
    }

    [Test]
    public void Should_point_directory_options_at_what_is_mounted()
    {
        foreach (var (name, service) in ComposeFile.Services)
        {
            var mounts = service.Volumes.Select(volume => volume.Split(':')[1]).ToList();
            foreach (var directory in service.Environment.Where(variable => variable.Key.EndsWith("Directory", StringComparison.Ordinal)))
            {
                Assert.That(mounts, Does.Contain(directory.Value), $"{name}: {directory.Key}");
            }
        }
    }

    [Test]
    public void Should_copy_into_the_image_only_what_is_in_the_tree()
    {
        var dockerfile = File.ReadAllText(RepositoryRoot.File("deploy", "Dockerfile"));
        var copied = Regex
            .Matches(dockerfile, "(?m)^COPY (?!--from)(?<sources>.+) \\S+$", RegexOptions.ExplicitCapture, Limit)
            .SelectMany(match => match.Groups["sources"].Value.Split(' '))
            .ToList();

        Assert.That(copied, Is.Not.Empty);
        Assert.That(copied.Where(path => !Path.Exists(RepositoryRoot.File(path))), Is.Empty);
        Assert.That(dockerfile, Does.Contain("services/${SERVICE}/Governance.${SERVICE}.csproj"));
        Assert.That(
            ServiceProjects.Names.Where(name => !File.Exists(RepositoryRoot.File("services", name, $"Governance.{name}.csproj"))),
            Is.Empty
        );
    }

    [Test]
    public void Should_give_every_password_that_the_set_up_files_read()
    {
        Assert.That(PasswordsRead("deploy/local/sql/suite.sql"), Is.SubsetOf(ComposeFile.Services["postgres"].Environment.Keys));
        Assert.That(PasswordsRead("deploy/local/sql/target.sql"), Is.SubsetOf(ComposeFile.Services["target"].Environment.Keys));
        Assert.That(PasswordsRead("deploy/local/rabbitmq-definitions"), Is.SubsetOf(ComposeFile.Services["rabbitmq"].Environment.Keys));
    }

    [Test]
    public void Should_load_the_definitions_that_the_container_writes()
    {
        var settings = File.ReadAllText(RepositoryRoot.File("deploy", "docker", "rabbitmq.conf"));
        var compose = File.ReadAllText(RepositoryRoot.File("docker-compose.yml"));
        var file = Regex
            .Match(settings, "(?m)^load_definitions = (?<file>\\S+)$", RegexOptions.ExplicitCapture, Limit)
            .Groups["file"]
            .Value;

        Assert.That(compose, Does.Contain($"/governance/rabbitmq-definitions > {file};"));
    }

    private static List<string> PasswordsRead(string path)
    {
        var names = Regex
            .Matches(File.ReadAllText(RepositoryRoot.File(path)), "GOVERNANCE_[A-Z_]+_PASSWORD", RegexOptions.None, Limit)
            .Select(match => match.Value)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.That(names, Is.Not.Empty, path);
        return names;
    }
}
