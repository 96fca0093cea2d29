using System.Net;
using Governance.Connectors.Http;

namespace Governance.Connectors.Tests.Http;

public sealed class AddressGuard_Specs
{
    [TestCase("0.0.0.0")]
    [TestCase("10.1.2.3")]
    [TestCase("100.64.0.1")]
    [TestCase("100.127.255.255")]
    [TestCase("127.0.0.1")]
    [TestCase("127.255.255.254")]
    [TestCase("169.254.169.254")]
    [TestCase("172.16.0.1")]
    [TestCase("172.31.255.255")]
    [TestCase("192.0.0.192")]
    [TestCase("192.168.1.1")]
    [TestCase("198.18.0.1")]
    [TestCase("224.0.0.1")]
    [TestCase("239.255.255.250")]
    [TestCase("255.255.255.255")]
    [TestCase("::")]
    [TestCase("::1")]
    [TestCase("::ffff:127.0.0.1")]
    [TestCase("::ffff:10.0.0.1")]
    [TestCase("::ffff:8.8.8.8")]
    [TestCase("::7f00:1")]
    [TestCase("64:ff9b::a00:1")]
    [TestCase("100::1")]
    [TestCase("fc00::1")]
    [TestCase("fd12:3456::1")]
    [TestCase("fe80::1")]
    [TestCase("fe80::1%1")]
    [TestCase("fec0::1")]
    [TestCase("ff02::1")]
    [TestCase("2001:0:a00:1::")]
    [TestCase("2001:db8::1")]
    [TestCase("2002:7f00:1::")]
    [TestCase("3fff::1")]
    public void Should_not_connect_to_what_is_not_public(string address) =>
        Assert.That(new AddressGuard([]).Permits(IPAddress.Parse(address)), Is.False);

    [TestCase("8.8.8.8")]
    [TestCase("100.63.255.255")]
    [TestCase("100.128.0.1")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.1")]
    [TestCase("192.167.255.255")]
    [TestCase("223.255.255.255")]
    [TestCase("2001:4860:4860::8888")]
    [TestCase("2a00:1450::1")]
    public void Should_connect_to_what_is_public(string address) =>
        Assert.That(new AddressGuard([]).Permits(IPAddress.Parse(address)), Is.True);

    [TestCase("10.1.2.3", true)]
    [TestCase("::ffff:10.1.2.3", true)]
    [TestCase("10.2.0.1", false)]
    [TestCase("fd00:1::5", true)]
    [TestCase("fd00:2::5", false)]
    [TestCase("127.0.0.1", false)]
    public void Should_connect_to_what_is_allowed(string address, bool permitted) =>
        Assert.That(
            new AddressGuard([IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd00:1::/32")]).Permits(IPAddress.Parse(address)),
            Is.EqualTo(permitted)
        );
}
