namespace Governance;

/// <summary>How long a regular expression may take.</summary>
public static class RegexTimeout
{
    /// <summary>
    /// Milliseconds, by the clock on the wall. The suite's expressions need microseconds, whatever they are given; a bound that an overloaded
    /// machine can reach would refuse what is right.
    /// </summary>
    public const int Milliseconds = 10_000;
}
