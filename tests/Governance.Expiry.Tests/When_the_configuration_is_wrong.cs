using System.Globalization;
using Governance.ServiceDefaults;
using Governance.Testing;
using Microsoft.Extensions.Configuration;

namespace Governance.Expiry.Tests;

public sealed class When_the_configuration_is_wrong
{
    [Test]
    public async Task Should_name_every_error_at_once_and_end()
    {
        var service = Path.Combine(AppContext.BaseDirectory, "Governance.Expiry.dll");

        var result = await Command.RunAsync(
            "dotnet",
            [
                service,
                "--urls=http://127.0.0.1:0",
                "--Expiry:PollInterval=00:01:00",
                "--Expiry:BatchSize=0",
                "--Expiry:FirstRepeat=00:00:30",
                "--Expiry:LongestRepeat=00:00:10",
                "--Expiry:BatchSise=5",
                "--Expiry:Surprise=hunter2",
                "--Expiry:AlertAfter:Seconds=5",
                "--Bus:Uri=amqp://a:hunter2@b",
                "--Expriy:BatchSize=5",
                "--Logging:Whatever=1",
                "--Other:Setting=1",
            ],
            TimeSpan.FromSeconds(60)
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("Expiry:PollInterval is 00:01:00, but must be from ")
                .And.Contain("Expiry:BatchSize is 0, but must be from 1 to 1000")
                .And.Contain("Expiry:FirstRepeat is 00:00:30, but must not be above Expiry:LongestRepeat")
                .And.Contain("Bus:Url")
                .And.Contain("ConnectionStrings:Database")
                .And.Contain("  - Expiry:BatchSise is no setting; did you mean 'BatchSize'?")
                .And.Contain("  - Expiry:Surprise is no setting: Expiry has PollInterval, BatchSize, ")
                .And.Contain("  - Expiry:AlertAfter:Seconds is no setting: Expiry:AlertAfter is one value.")
                .And.Contain("  - Bus:Uri is no setting; did you mean 'Url'?")
                .And.Contain("  - Expriy is no section of this service; did you mean 'Expiry'?")
        );
        Assert.That(result.Error, Does.Not.Contain("hunter2").And.Not.Contain("Logging").And.Not.Contain("Other"));
    }

    [TestCase("--urls=http://127.0.0.1:PORT", "urls")]
    [TestCase("--Kestrel:Endpoints:Http:Url=http://localhost:PORT", "Kestrel:Endpoints:Http:Url")]
    public async Task Should_say_in_one_line_that_its_port_is_taken(string address, string key)
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var result = await StartAsync(address.Replace("PORT", port, StringComparison.Ordinal));

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.AddressUnavailable), result.Output + result.Error);
        Assert.That(result.Error.Trim().Split('\n'), Has.Length.EqualTo(1), result.Error);
        Assert.That(result.Error, Does.StartWith(key + ": ").And.Contains($"another process has port {port}"));
    }

    [TestCase("--urls=nonsense", "urls is no address to listen at")]
    [TestCase("--urls=http://203.0.113.7:17999", "this machine has no such address")]
    public async Task Should_say_in_one_line_that_it_can_not_listen_there(string address, string reason)
    {
        var result = await StartAsync(address);

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.AddressUnavailable), result.Output + result.Error);
        Assert.That(result.Error.Trim().Split('\n'), Has.Length.EqualTo(1), result.Error);
        Assert.That(result.Error, Does.Contain(reason));
    }

    private static Task<CommandResult> StartAsync(string address) =>
        Command.RunAsync(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Governance.Expiry.dll"),
                address,
                "--Bus:Url=amqp://user:password@127.0.0.1:1/governance",
                "--ConnectionStrings:Database=Host=127.0.0.1;Port=1;Database=d;Username=u;Password=p",
            ],
            TimeSpan.FromSeconds(60)
        );

    [TestCase("PollInterval", "00:00:00.049", "00:00:00.050", "00:00:01", "00:00:01.001")]
    [TestCase("BatchSize", "0", "1", "1000", "1001")]
    [TestCase("PublishTimeout", "00:00:00.099", "00:00:00.100", "00:00:04", "00:00:04.001")]
    [TestCase("FirstRepeat", "00:00:00.099", "00:00:00.100", "00:01:00", "00:01:00.001")]
    [TestCase("RepeatSpacing", "-00:00:00.001", "00:00:00", "00:00:01", "00:00:01.001")]
    [TestCase("LongestRepeat", "00:00:00.099", "00:00:05", "00:10:00", "00:10:00.001")]
    [TestCase("AlertAfter", "00:00:00.999", "00:00:01", "01:00:00", "01:00:00.001")]
    [TestCase("SurveyInterval", "00:00:00.099", "00:00:00.100", "00:01:00", "00:01:00.001")]
    public void Should_hold_each_setting_to_its_bounds(string setting, string tooLittle, string least, string most, string tooMuch)
    {
        Assert.That(Failures((setting, least)).Concat(Failures((setting, most))), Is.Empty);
        Assert.That(Failures((setting, tooLittle)), Has.Some.StartsWith($"Expiry:{setting} is ").And.Contains(", but must be from "));
        Assert.That(Failures((setting, tooMuch)), Has.Some.StartsWith($"Expiry:{setting} is ").And.Contains(", but must be from "));
    }

    [TestCase("FirstRepeat", "00:00:20", "00:00:10")]
    [TestCase("RepeatSpacing", "00:00:01", "00:00:00.500")]
    public void Should_refuse_a_repeat_that_would_be_cut_to_the_longest(string setting, string value, string longest)
    {
        var failures = Failures(("FirstRepeat", "00:00:00.100"), (setting, value), ("LongestRepeat", longest));

        Assert.That(
            failures.Single(),
            Is.EqualTo(
                $"Expiry:{setting} is {Text(value)}, but must not be above Expiry:LongestRepeat, which is {Text(longest)} and would be used in its place: lower the one or raise the other."
            )
        );
    }

    [Test]
    public void Should_take_a_first_repeat_that_is_the_longest() =>
        Assert.That(Failures(("FirstRepeat", "00:00:10"), ("LongestRepeat", "00:00:10")), Is.Empty);

    private static string Text(string duration) => TimeSpan.Parse(duration, CultureInfo.InvariantCulture).ToString();

    private static List<string> Failures(params (string Setting, string Value)[] settings)
    {
        var options = new ExpiryOptions();
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (setting, value) in settings)
        {
            values[setting] = value;
        }

        new ConfigurationBuilder().AddInMemoryCollection(values).Build().Bind(options);
        return [.. new ExpiryOptionsValidator().Validate(null, options).Failures ?? []];
    }
}
