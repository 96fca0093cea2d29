namespace Governance.Files;

/// <summary>
/// Tells when a directory of configuration holds something else. Its content is compared, never times or lengths: where a link is made to
/// lead elsewhere, as Kubernetes changes a ConfigMap, neither need change.
/// </summary>
public sealed class DirectoryWatch(string directory, DirectoryRules rules)
{
    private const int LooksBeforeItIsTakenAsItIs = 5;
    private string? _dealtWith;
    private string? _last;
    private int _unsettled;

    /// <summary>
    /// What is there, if nobody has dealt with it yet. Files are put there one after another, so a change is not taken up before two looks
    /// in a row have found the same; what never comes to rest is taken as it is.
    /// </summary>
    public DirectoryContent? Look()
    {
        var content = DirectoryReader.Read(directory, rules);
        if (content.Digest == _dealtWith)
        {
            (_last, _unsettled) = (content.Digest, 0);
            return null;
        }

        // At the start there is nothing that could stay in force meanwhile.
        var before = _last ?? DirectoryReader.Read(directory, rules).Digest;
        _last = content.Digest;
        if (content.Digest != before && ++_unsettled < LooksBeforeItIsTakenAsItIs)
        {
            return null;
        }

        return content;
    }

    /// <summary>Whether the last look found what was dealt with, and no change that is still coming to rest.</summary>
    public bool Settled => _last == _dealtWith;

    /// <summary>It need not be told again.</summary>
    public void DealtWith(DirectoryContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        (_dealtWith, _unsettled) = (content.Digest, 0);
    }
}
