using System.Globalization;

namespace Governance.Cedar.Bundles;

/// <summary>
/// Finds what the engine could not bear before the engine is asked. It knows no grammar, only what lies within what: brackets, and operators
/// in a row, of which a parser makes a tree as deep as the row is long.
/// </summary>
internal sealed class PolicyScan
{
    private const int Heavy = 3;

    private readonly SourceText _source;
    private readonly string _text;
    private readonly Stack<int> _outer = new();
    private readonly List<BundleFault> _faults = [];
    private int _depth;
    private int _row;
    private int _start;
    private int _statements;
    private bool _tooDeep;

    private PolicyScan(SourceText source) => (_source, _text) = (source, source.Text);

    /// <summary>How many statements a text has, and whatever is too large or too deep in each.</summary>
    public static (int Statements, IReadOnlyList<BundleFault> Faults) Of(SourceText source)
    {
        var scan = new PolicyScan(source);
        scan.Run();
        return (scan._statements, scan._faults);
    }

    private void Run()
    {
        for (var i = 0; i < _text.Length; )
        {
            i = Step(i);
        }

        End(_text.Length);
    }

    private int Step(int i)
    {
        var c = _text[i];
        switch (c)
        {
            case '/' when i + 1 < _text.Length && _text[i + 1] == '/':
                return EndOfLine(i);
            case '"':
                return EndOfString(i);
            case '(' or '[' or '{':
                Open(i);
                return i + 1;
            case ')' or ']' or '}':
                Close();
                return i + 1;
            case ',':
                _row = 0;
                return i + 1;
            case ';' when _outer.Count > 0:
                // A schema has statements within a namespace.
                _row = 0;
                return i + 1;
            case ';':
                _statements++;
                End(i + 1);
                return i + 1;
            case '.' or '&' or '|' or '+' or '-' or '*' or '<' or '>' or '=' or '!':
                Add(i, 1);
                return i + (i + 1 < _text.Length && _text[i + 1] is '&' or '|' or '=' ? 2 : 1);
            default:
                return IsOfWord(c) ? Word(i) : i + 1;
        }
    }

    private int Word(int i)
    {
        var end = i;
        while (end < _text.Length && IsOfWord(_text[end]))
        {
            end++;
        }

        Add(
            i,
            _text.AsSpan(i, end - i) switch
            {
                "if" => Heavy,
                "has" or "in" or "like" or "is" => 1,
                _ => 0,
            }
        );
        return end;
    }

    private void Open(int i)
    {
        Add(i, 1);
        _outer.Push(_row);
        _depth += _row + Heavy;
        _row = 0;
        Check(i);
    }

    private void Close()
    {
        if (_outer.TryPop(out var row))
        {
            _row = row;
            _depth -= row + Heavy;
        }
    }

    private void Add(int i, int weight)
    {
        _row += weight;
        Check(i);
    }

    private void Check(int i)
    {
        if (_depth + _row <= BundleLimits.Nesting || _tooDeep)
        {
            return;
        }

        _tooDeep = true;
        Add(
            i,
            $"nested too deeply, or too many operators in one row (more than {BundleLimits.Nesting}): use a set and contains, or several policies"
        );
    }

    private void End(int end)
    {
        if (end - _start > BundleLimits.StatementLength)
        {
            Add(FirstOf(_start), $"longer than {BundleLimits.StatementLength} characters: use groups, or write several policies");
        }

        (_start, _row, _depth, _tooDeep) = (end, 0, 0, false);
        _outer.Clear();
    }

    private void Add(int index, FormattableString message) =>
        _faults.Add(
            _source.Fault(
                null,
                System.Text.Encoding.UTF8.GetByteCount(_text.AsSpan(0, index)),
                message.ToString(CultureInfo.InvariantCulture)
            )
        );

    private int FirstOf(int start)
    {
        while (start < _text.Length && char.IsWhiteSpace(_text[start]))
        {
            start++;
        }

        return start;
    }

    private int EndOfLine(int i)
    {
        var end = _text.IndexOf('\n', i);
        return end < 0 ? _text.Length : end;
    }

    private int EndOfString(int i)
    {
        for (i++; i < _text.Length; i++)
        {
            if (_text[i] == '\\')
            {
                i++;
            }
            else if (_text[i] == '"')
            {
                return i + 1;
            }
        }

        return _text.Length;
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
