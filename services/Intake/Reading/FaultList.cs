using System.Globalization;
using System.Text;
using Governance.Contracts.Intake;

namespace Governance.Intake.Reading;

/// <summary>Collects everything that is wrong with a message, bounded, so that a hostile one can't make a large report.</summary>
internal sealed class FaultList
{
    private readonly List<RefusalDetail> _faults = [];
    private int _omitted;

    public bool Any => _faults.Count > 0;

    public void Add(string path, string code, string remedy)
    {
        if (_faults.Count < Limits.ReportedFaults)
        {
            _faults.Add(new RefusalDetail(path, code, remedy));
        }
        else
        {
            _omitted++;
        }
    }

    public IReadOnlyList<RefusalDetail> ToDetails() =>
        _omitted == 0
            ? _faults
            :
            [
                .. _faults,
                new RefusalDetail(
                    "",
                    "more-faults",
                    string.Create(CultureInfo.InvariantCulture, $"{_omitted} more faults are not listed.")
                ),
            ];

    /// <summary>The path of a member. A name that is no plain word is quoted, escaped and cut: it is the sender's text in our records.</summary>
    public static string Member(string parent, string name)
    {
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

    public static string Item(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");
}
