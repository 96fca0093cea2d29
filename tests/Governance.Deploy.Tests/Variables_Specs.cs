using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Governance.Deploy.Tests;

public class When_a_service_is_configured
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Test]
    public async Task Should_get_the_same_variables_in_a_container_as_locally()
    {
        foreach (var (service, local) in await LocalPlan.ServicesAsync())
        {
            var container = ComposeFile.Services[service].Environment;

            Assert.That(container.Keys, Is.EquivalentTo(local.Keys), service);
            foreach (var (name, value) in local)
            {
                Assert.That(Comparable(name, container[name]), Is.EqualTo(Comparable(name, value)), $"{service}: {name}");
            }
        }
    }

    [Test]
    public async Task Should_find_an_option_for_each_of_its_own_variables()
    {
        foreach (var (service, variables) in await LocalPlan.ServicesAsync())
        {
            var source = ServiceProjects.SourceOf(ServiceProjects.Names.Single(name => IsSame(name, service)));
            var options = variables
                .Keys.Select(name => name.Split("__"))
                .Where(parts => parts.Length > 1 && parts[0] is not "Kestrel" and not "ConnectionStrings");

            foreach (var parts in options)
            {
                Assert.That(source, Does.Contain($"Options>(\"{parts[0]}\")"), $"{service}: section {parts[0]}");
                foreach (var member in parts.Skip(1).Where(part => !char.IsDigit(part[0])))
                {
                    Assert.That(source, Does.Match($@"\b{member} {{ get;"), $"{service}: {string.Join("__", parts)}");
                }
            }
        }
    }

    [Test]
    public void Should_never_send_usage_telemetry()
    {
        var services = ComposeFile.Services.Values.Where(service => service.Build is not null);

        Assert.That(services.Select(service => service.Environment["MASSTRANSIT_USAGE_TELEMETRY"]), Is.All.EqualTo("false"));
    }

    private static bool IsSame(string name, string service) => string.Equals(name, service, StringComparison.OrdinalIgnoreCase);

    // Hosts, the servers' ports, passwords, secrets and directories differ by place; all else must be equal.
    private static string Comparable(string name, string value)
    {
        if (name.EndsWith("Secret", StringComparison.Ordinal))
        {
            return "*";
        }

        var comparable = Regex.Replace(value, "(?<=Password=|governance:)[^;@]+", "*", RegexOptions.ExplicitCapture, Limit);
        comparable = Regex.Replace(comparable, "Host=[^;]+;Port=[0-9]+", "Host=*;Port=*", RegexOptions.ExplicitCapture, Limit);
        comparable = Regex.Replace(comparable, "@[^:/]+:[0-9]+/", "@*/", RegexOptions.ExplicitCapture, Limit);
        comparable = Regex.Replace(comparable, "^http://[^:]+:", "http://*:", RegexOptions.ExplicitCapture, Limit);
        return comparable.StartsWith('/') ? Path.GetFileName(comparable) : comparable;
    }
}
