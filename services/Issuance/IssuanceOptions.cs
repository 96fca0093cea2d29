namespace Governance.Issuance;

/// <summary>Section <c>Issuance</c>.</summary>
public sealed class IssuanceOptions
{
    /// <summary>The shortest secret that nobody guesses.</summary>
    public const int MinSecretLength = 32;

    /// <summary>What Lifecycle proves itself with when it takes a sealed credential: the same as <c>Lifecycle:IssuanceSecret</c>. Secret.</summary>
    /// <value>Required, in every environment; at least 32 characters.</value>
    public string LifecycleSecret { get; set; } = "";

    /// <summary>The targets of this installation.</summary>
    public IList<TargetOptions> Targets { get; } = [];

    /// <summary>How often each loop looks for due holdings when nothing wakes it.</summary>
    /// <value>The default is 1 s; 50 ms to 1 min.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the hard end of an attempt nobody claims the holding again: covers what clocks and networks add.</summary>
    /// <value>The default is 2 s; 100 ms to 1 min.</value>
    public TimeSpan ClaimMargin { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer may be on its way before it is published again.</summary>
    /// <value>The default is 3 s; 100 ms to 1 min.</value>
    public TimeSpan AnswerAgainAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after the first failed attempt the next is made; each further failure doubles it.</summary>
    /// <value>The default is 500 ms; 10 ms to 1 min.</value>
    public TimeSpan BackOff { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest time between two attempts to give access.</summary>
    /// <value>The default is 60 s.</value>
    public TimeSpan MaxBackOff { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after the end of a holding's last lease it is taken away although nobody has asked for that.</summary>
    /// <remarks>The second line: Lifecycle should have asked long before. Counted on the clock of Issuance's database.</remarks>
    /// <value>The default is 30 s; 1 s to 1 day.</value>
    public TimeSpan EndAfterLastLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often each target is asked who it is, and whether access can be taken away there; giving asks anew when that is older.</summary>
    /// <value>The default is 1 min; 1 s to 1 h.</value>
    public TimeSpan PreflightInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after access was last read back it is read again, while nothing is asked for: somebody may have changed it at the target.</summary>
    /// <value>The default is 5 min; 1 s to 1 day.</value>
    public TimeSpan ReadAgainAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest time between two such readings at one target, all replicas together.</summary>
    /// <value>The default is 200 ms; 10 ms to 1 min.</value>
    public TimeSpan ReadAgainSpacing { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest time between two attempts to take access away.</summary>
    /// <value>The default is 30 s.</value>
    public TimeSpan MaxRemovalBackOff { get; set; } = TimeSpan.FromSeconds(30);
}
