using System.Globalization;
using System.Net.Sockets;
using Governance.Files;
using Governance.Testing;

namespace Governance.Cedar.Tests.Files;

public sealed class When_a_directory_is_read
{
    private static readonly DirectoryRules Rules = new()
    {
        Of = path => path.EndsWith(".conf", StringComparison.Ordinal) ? FileUse.Read : FileUse.Pass,
        MaxFileBytes = 1000,
        MaxBytes = 3000,
        MaxDepth = 3,
        MaxEntries = 50,
    };

    private string _directory = "";
    private Socket? _socket;

    [SetUp]
    public void Create() => _directory = Directory.CreateTempSubdirectory("governance-files-").FullName;

    [TearDown]
    public void Delete()
    {
        _socket?.Dispose();
        _socket = null;
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Should_see_what_kubernetes_swaps_in()
    {
        var volume = new ConfigMapVolume(_directory);
        await volume.PublishAsync(("a.conf", "one"), ("b.conf", "two"));
        var first = await ReadAsync();

        await volume.PublishAsync(("a.conf", "ONE"), ("b.conf", "two"));
        var second = await ReadAsync();

        Assert.That(Texts(first), Is.EqualTo(new[] { ("a.conf", "one"), ("b.conf", "two") }));
        Assert.That(Texts(second), Is.EqualTo(new[] { ("a.conf", "ONE"), ("b.conf", "two") }), "neither length nor time has changed");
        Assert.That(second.Digest, Is.Not.EqualTo(first.Digest));
        Assert.That(second.Faults, Is.Empty);
    }

    [Test]
    public async Task Should_have_the_digest_of_what_is_there_and_of_nothing_else()
    {
        Write("a.conf", "one");
        var first = (await ReadAsync()).Digest;
        File.SetLastWriteTimeUtc(At("a.conf"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Write("readme.md", "another");
        Write("..a.conf", "passed over");
        Write(".git/refs/a.conf", "passed over");
        Write("lost+found/a.conf", "passed over");
        var same = (await ReadAsync()).Digest;
        File.Move(At("a.conf"), At("b.conf"));
        var moved = (await ReadAsync()).Digest;

        Assert.That(same, Is.EqualTo(first));
        Assert.That(moved, Is.Not.EqualTo(first), "a name is content, too");
    }

    [TestCase("fifo.conf", "a FIFO")]
    [TestCase("device.conf", "a device")]
    [TestCase("socket.conf", "a socket")]
    [TestCase("directory.conf", "is a directory")]
    [TestCase("dangling.conf", "No such file")]
    [TestCase("loop.conf", "symbolic links")]
    [TestCase("sparse.conf", "longer than 1000 bytes")]
    [TestCase("long.conf", "longer than 1000 bytes")]
    [TestCase("kernel.conf", "longer than 1000 bytes")]
    [TestCase("binary.conf", "byte 1 is no UTF-8")]
    public async Task Should_say_what_is_no_readable_file_without_waiting_for_it_or_holding_it(string name, string fault)
    {
        Write("good.conf", "good");
        await MakeAsync(name);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var content = await ReadAsync();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.That(Texts(content), Is.EqualTo(new[] { ("good.conf", "good") }));
        var found = content.Faults.Single();
        Assert.That(found.Name, Is.EqualTo(name));
        Assert.That(found.Message, Does.Contain(fault));
        Assert.That(allocated, Is.LessThan(20_000_000));
        Assert.That((await ReadAsync()).Digest, Is.EqualTo(content.Digest), "the same fault is no change");
    }

    [Test]
    public async Task Should_never_open_what_it_passes_over()
    {
        await MakeAsync("fifo.md");

        Assert.That((await ReadAsync()).Faults, Is.Empty);
    }

    [Test]
    public async Task Should_bound_how_much_there_is()
    {
        for (var i = 0; i < 4; i++)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"{i}.conf"), new string('x', 900));
        }

        Assert.That((await ReadAsync()).Faults.Single().Message, Does.Contain("longer than 3000 bytes together"));

        Write("a/b/c/d/e.md", "deep");
        Assert.That((await ReadAsync()).Faults.Select(f => f.Name), Does.Contain("a/b/c"));

        for (var i = 0; i < 60; i++)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"many/{i}.md"), "");
        }

        Assert.That((await ReadAsync()).Faults.Select(f => f.Message), Has.Some.Contains("more than 50 files"));
    }

    [Test]
    public async Task Should_end_where_links_lead_in_a_circle()
    {
        Directory.CreateDirectory(At("a"));
        Directory.CreateSymbolicLink(At("a/again"), _directory);

        Assert.That((await ReadAsync()).Faults.Single().Message, Does.Contain("too deep"));
    }

    [Test]
    public async Task Should_say_that_there_is_no_directory()
    {
        var content = await Task.Run(() => DirectoryReader.Read(At("none"), Rules)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(content.Faults.Single(), Is.EqualTo(new DirectoryFault(At("none"), "no such directory")));
    }

    private async Task MakeAsync(string name)
    {
        switch (name.Split('.')[0])
        {
            case "fifo":
                Assert.That((await Command.RunAsync("mkfifo", [At(name)], TimeSpan.FromSeconds(10))).ExitCode, Is.Zero);
                break;
            case "device":
                File.CreateSymbolicLink(At(name), "/dev/zero");
                break;
            case "socket":
                _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                _socket.Bind(new UnixDomainSocketEndPoint(At(name)));
                break;
            case "directory":
                Directory.CreateDirectory(At(name));
                break;
            case "dangling":
                File.CreateSymbolicLink(At(name), "nowhere");
                break;
            case "loop":
                File.CreateSymbolicLink(At(name), name);
                break;
            case "sparse":
                await using (var sparse = File.Create(At(name)))
                {
                    sparse.SetLength(1L << 40);
                }

                break;
            case "kernel":
                // A regular file, as it says of itself, of length 0, with much in it.
                File.CreateSymbolicLink(At(name), "/proc/kallsyms");
                break;
            case "binary":
                await File.WriteAllBytesAsync(At(name), [0x66, 0xFF, 0xFE]);
                break;
            default:
                Write(name, new string('x', 1001));
                break;
        }
    }

    private Task<DirectoryContent> ReadAsync() =>
        Task.Run(() => DirectoryReader.Read(_directory, Rules)).WaitAsync(TimeSpan.FromSeconds(30));

    private static IEnumerable<(string Name, string Text)> Texts(DirectoryContent content) => content.Files.Select(f => (f.Name, f.Text));

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    private string At(string name) => Path.Combine(_directory, name);
}
