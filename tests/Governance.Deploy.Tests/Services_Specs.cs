using System.Text.RegularExpressions;
using Governance.Testing;
using NUnit.Framework;

namespace Governance.Deploy.Tests;

public class When_the_suite_is_deployed
{
    private static IReadOnlyList<string> LowerCaseNames => [.. ServiceProjects.Names.Select(name => name.ToLowerInvariant())];

    [Test]
    public void Should_run_every_service_that_exists_from_the_one_dockerfile()
    {
        var built = ComposeFile.Services.Where(service => service.Value.Build is not null).ToList();

        Assert.That(built.Select(service => service.Key), Is.EquivalentTo(LowerCaseNames));
        Assert.That(built.Select(service => service.Value.Build!.Args["SERVICE"]), Is.EquivalentTo(ServiceProjects.Names));
        Assert.That(built.Select(service => service.Value.Build!.Dockerfile), Is.All.EqualTo("deploy/Dockerfile"));
        Assert.That(built.Select(service => service.Value.Build!.Context), Is.All.EqualTo("."));
    }

    [Test]
    public async Task Should_run_the_same_services_locally() =>
        Assert.That((await LocalPlan.ServicesAsync()).Keys, Is.EquivalentTo(LowerCaseNames));

    [Test]
    public void Should_build_the_same_services_locally_and_in_the_image()
    {
        var filter = File.ReadAllText(RepositoryRoot.File("deploy", "local", "services.slnf"));
        var filtered = Regex
            .Matches(
                filter,
                """services\\\\(?<name>\w+)\\\\Governance\.\k<name>\.csproj""",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1)
            )
            .Select(match => match.Groups["name"].Value);
        var solution = File.ReadAllText(RepositoryRoot.File("Governance.sln"));

        Assert.That(filtered, Is.EquivalentTo(ServiceProjects.Names));
        Assert.That(
            ServiceProjects.Names.Where(name => !solution.Contains($"Governance.{name}.csproj", StringComparison.Ordinal)),
            Is.Empty,
            "projects that Governance.sln lacks"
        );
    }

    [Test]
    public void Should_confine_every_service_in_its_container()
    {
        var services = ComposeFile.Services.Values.Where(service => service.Build is not null).ToList();
        var dockerfile = File.ReadAllText(RepositoryRoot.File("deploy", "Dockerfile"));

        Assert.That(services, Is.Not.Empty);
        Assert.That(services.Select(service => service.ReadOnly), Is.All.True);
        Assert.That(services.Select(service => service.Tmpfs), Is.All.EqualTo(new[] { "/tmp" }));
        Assert.That(services.Select(service => service.DependsOn["rabbitmq"]["condition"]), Is.All.EqualTo("service_healthy"));
        Assert.That(dockerfile, Does.Match("(?m)^USER \\$APP_UID$"));
    }

    [Test]
    public void Should_use_the_official_images_of_the_servers()
    {
        Assert.That(ComposeFile.Services["postgres"].Image, Is.EqualTo("postgres:18"));
        Assert.That(ComposeFile.Services["target"].Image, Is.EqualTo("postgres:18"));
        Assert.That(ComposeFile.Services["rabbitmq"].Image, Is.EqualTo("rabbitmq:4-management"));
    }
}
