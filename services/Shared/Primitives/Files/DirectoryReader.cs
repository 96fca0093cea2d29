using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Files;

/// <summary>
/// Reads a directory of configuration, whatever is in it: no file makes it wait, and none takes more memory than the rules allow. Every
/// fault is a value, so that somebody who looks again and again never stops looking.
/// </summary>
/// <remarks>
/// Names that begin with <c>..</c> are passed over: so a Kubernetes ConfigMap keeps its versions, and the links beside them lead to the one
/// that counts. So are <c>.git</c> and <c>lost+found</c>.
/// </remarks>
public sealed class DirectoryReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    private readonly string _root;
    private readonly DirectoryRules _rules;
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private int _entries;
    private long _bytes;

    private DirectoryReader(string root, DirectoryRules rules) => (_root, _rules) = (root, rules);

    /// <summary>Reads what is there now.</summary>
    public static DirectoryContent Read(string directory, DirectoryRules rules)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(rules);
        var reader = new DirectoryReader(directory, rules);
        reader.Visit("", 1);
        return new DirectoryContent(
            directory,
            reader.Digest(),
            [.. reader._texts.Select(text => new DirectoryFile(text.Key, text.Value))],
            [.. reader._faults.Select(fault => new DirectoryFault(fault.Key.Length == 0 ? directory : fault.Key, fault.Value))]
        );
    }

    private void Visit(string within, int depth)
    {
        foreach (var (name, isDirectory) in List(within))
        {
            if (++_entries > _rules.MaxEntries)
            {
                _faults[""] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"has more than {_rules.MaxEntries} files and directories: keep it for this configuration alone"
                );
                return;
            }

            var path = within.Length == 0 ? name : $"{within}/{name}";
            if (!isDirectory)
            {
                Take(path);
            }
            else if (_rules.Of(path) is { IsRead: true } or { Fault: not null })
            {
                _faults[path] = "is a directory and no file: nothing in it is in force; rename it, or move it out";
            }
            else if (depth >= _rules.MaxDepth)
            {
                _faults[path] = "lies too deep to tell what is in it: move it out";
            }
            else
            {
                Visit(path, depth + 1);
            }
        }
    }

    private List<(string Name, bool IsDirectory)> List(string within)
    {
        try
        {
            return
            [
                .. new DirectoryInfo(Path.Combine(_root, within))
                    .EnumerateFileSystemInfos("*", Everything)
                    .Take(_rules.MaxEntries + 1)
                    .Where(entry => !IsPassedOver(entry.Name))
                    .Select(entry => (entry.Name, entry.Attributes.HasFlag(FileAttributes.Directory)))
                    .OrderBy(entry => entry.Name, StringComparer.Ordinal),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _faults[within] =
                failure is DirectoryNotFoundException || File.Exists(Path.Combine(_root, within))
                    ? DirectoryFaults.Missing(Path.Combine(_root, within))
                    : $"can't be read, so nobody knows what is in it: {failure.Message}";
            return [];
        }
    }

    private static bool IsPassedOver(string name) => name.StartsWith("..", StringComparison.Ordinal) || name is ".git" or "lost+found";

    private void Take(string path)
    {
        var use = _rules.Of(path);
        if (use.Fault is { } fault)
        {
            _faults[path] = fault;
        }

        if (!use.IsRead || _bytes > _rules.MaxBytes)
        {
            return;
        }

        try
        {
            var bytes = RegularFile.Read(Path.Combine(_root, path), _rules.MaxFileBytes);
            _bytes += bytes.Length;
            if (_bytes > _rules.MaxBytes)
            {
                _faults[""] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"the files are longer than {_rules.MaxBytes} bytes together: something in there does not belong there"
                );
                return;
            }

            _texts[path] = StrictUtf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException failure)
        {
            _faults[path] = string.Create(CultureInfo.InvariantCulture, $"can't be read: byte {failure.Index} is no UTF-8");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _faults[path] = $"can't be read: {failure.Message}";
        }
    }

    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (kind, items) in new[] { ("file", _texts), ("fault", _faults) })
        {
            foreach (var (name, text) in items)
            {
                foreach (var part in new[] { kind, name, text })
                {
                    var bytes = Encoding.UTF8.GetBytes(part);
                    hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}:")));
                    hash.AppendData(bytes);
                }
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
