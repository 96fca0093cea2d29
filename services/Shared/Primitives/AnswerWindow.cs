using System.Runtime.InteropServices;

namespace Governance;

/// <summary>
/// What a time is worth that another process tells: it counts only between asking and hearing, both read from the clock of the one who
/// asked. Outside of it the moment counts that gives nobody more: asking for what is there, hearing for what is gone.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnswerWindow
{
    /// <param name="asked">When it was asked; null when nobody asked, or nobody knows when.</param>
    /// <param name="heard">When the answer came. Where the clock was set back in between, nothing lies between the two, and this one counts.</param>
    public AnswerWindow(DateTimeOffset? asked, DateTimeOffset heard)
    {
        Asked = asked > heard ? heard : asked;
        Heard = heard;
    }

    /// <summary>When it was asked; null when nobody knows.</summary>
    public DateTimeOffset? Asked { get; }

    /// <summary>When the answer came.</summary>
    public DateTimeOffset Heard { get; }

    /// <summary>Since when something was there, of which another says that it was so then.</summary>
    public DateTimeOffset Presence(DateTimeOffset told) => Holds(told) ? told : Asked ?? Heard;

    /// <summary>Since when something was gone, of which another says that it was so then.</summary>
    public DateTimeOffset Absence(DateTimeOffset told) => Holds(told) ? told : Heard;

    /// <summary>By how much the time lies after the window (positive) or before it (negative); zero within.</summary>
    public TimeSpan Outside(DateTimeOffset told) =>
        told > Heard ? told - Heard
        : told < Asked ? told - Asked.Value
        : TimeSpan.Zero;

    private bool Holds(DateTimeOffset told) => told <= Heard && !(told < Asked);
}
