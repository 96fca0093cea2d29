using System.Globalization;
using System.Text;

namespace Governance.Reading;

/// <summary>Collects everything that is wrong with a message, bounded, so that a hostile one can't make a large report.</summary>
public sealed class FaultList
{
    private readonly List<Fault> _faults = [];
    private int _omitted;

    /// <summary>Whether there is one.</summary>
    public bool Any => _faults.Count > 0;

    /// <summary>Adds one.</summary>
    /// <param name="path">JSON path of the member; empty for the whole.</param>
    /// <param name="code">Stable code.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Add(string path, string code, string remedy)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_faults.Count < Bounds.ReportedFaults)
        {
            _faults.Add(new Fault(path, code, remedy));
        }
        else
        {
            _omitted++;
        }
    }

    /// <summary>All of them, or the first and how many more there are.</summary>
    public IReadOnlyList<Fault> ToList() =>
        _omitted == 0
            ? _faults
            :
            [
                .. _faults,
                new Fault("", "more-faults", string.Create(CultureInfo.InvariantCulture, $"{_omitted} more faults are not listed.")),
            ];

    /// <summary>The path of a member. A name that is no plain word is quoted, escaped and cut: it is the sender's text in our records.</summary>
    public static string Member(string parent, string name)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return parent.Length == 0 ? name : parent + "." + name;
        }

        var text = new StringBuilder(parent).Append("[\"");
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, 64)))
        {
            if (char.IsAscii(c) && !char.IsControl(c) && c is not ('"' or '\\'))
            {
                text.Append(c);
            }
            else
            {
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return text.Append(name.Length > 64 ? "…\"]" : "\"]").ToString();
    }

    /// <summary>The path of an item of an array.</summary>
    public static string Item(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");
}

/// <summary>One thing that is wrong with what somebody sent.</summary>
/// <param name="Field">JSON path of the member, or the name of the parameter or header; empty for the whole.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">What to do about it.</param>
public sealed record Fault(string Field, string Code, string Message);
