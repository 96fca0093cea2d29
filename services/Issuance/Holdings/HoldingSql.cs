namespace Governance.Issuance.Holdings;

internal static class HoldingSql
{
    public const string Channel = "governance_issuance";

    // The server takes 8000 bytes. A target with such an id is not configured, and found by polling.
    private const string NotifyTarget = $"pg_notify('{Channel}', case when length(target) <= 1000 then target else '' end)";

    public static readonly string Schema = Load("schema.sql");

    /// <summary>Raises desired revisions of different holdings; no row comes back for one that is not higher.</summary>
    public static readonly string Raise = Load("raise.sql").Replace("@notify", NotifyTarget, StringComparison.Ordinal);

    /// <summary>Claims holdings of the target $1.</summary>
    public static readonly string ClaimOfTarget = Load("claim.sql").Replace("@target", "target = $1", StringComparison.Ordinal);

    /// <summary>Claims holdings of targets that are not among $1.</summary>
    public static readonly string ClaimOfUnknown = Load("claim.sql").Replace("@target", "target <> all ($1)", StringComparison.Ordinal);

    public static readonly string Fail = Load("fail.sql");

    /// <summary>Says of removals at the target $1 that nobody tries them yet.</summary>
    public static readonly string Waiting = Load("tell-waiting.sql");

    public static readonly string ClaimAnswers = Load("claim-answers.sql");

    /// <summary>
    /// An equal revision that was observed is read back again. A lower one is answered with the highest if that was observed; if not, its
    /// answer will come.
    /// </summary>
    public const string Again = $"""
        with asked as (
            update issuance.holdings set
                next_attempt = case when revision = $3 and observed_revision = revision then coalesce(next_attempt, clock_timestamp()) else next_attempt end,
                answer_due = case when revision > $3 and observed_revision = revision then clock_timestamp() else answer_due end
            where principal = $1 and entitlement = $2
            returning 1)
        -- What is due now may be an attempt or an answer: everybody looks.
        select 1, pg_notify('{Channel}', '') from asked
        """;

    public const string PreExisting = """
        update issuance.holdings set pre_existing = $4
        where principal = $1 and entitlement = $2 and claim_owner = $3 and claim_until > clock_timestamp()
        """;

    public const string Remember = """
        update issuance.holdings set remembered = $4
        where principal = $1 and entitlement = $2 and claim_owner = $3 and claim_until > clock_timestamp()
        """;

    /// <summary>No row comes back where the claim is no longer ours, or where another target answered than the accepted one.</summary>
    public static readonly string Observe = $"""
        update issuance.holdings set
            -- What is read back again as it was has been so since the first time.
            first_observed_at = case
                when observed_revision = $4 and observed ->> 'direct' = $5 ->> 'direct' then coalesce(first_observed_at, observed_at) else $6 end,
            observed_revision = $4, observed = $5, observed_at = $6, observed_ending = ending,
            next_attempt = case when revision = $4 then null else clock_timestamp() end,
            answer_due = case when revision = $4 then clock_timestamp() + $7 end,
            -- What has been asked for since begins anew. Else it is looked for until then.
            remembered = case when revision <> $4 and $11 then null else remembered end,
            reread = false, read_at = clock_timestamp(), told_at = clock_timestamp(),
            -- Nobody has recorded yet since when it is there, and may never come to it: it is for so long from now at most.
            last_until = case when revision = $4 and $9::interval is not null
                then least(last_until, greatest(clock_timestamp() + $9, $10)) else last_until end,
            attempts = 0, claim_owner = null, claim_until = null,
            failure_code = null, failure_message = null, failure_attempt = null, failed_at = null, failure_next = null, failure_due = null
        where principal = $1 and entitlement = $2 and claim_owner = $3 and claim_until > clock_timestamp()
            and {Targets.TargetRegister.Counts("target", "$8")}
        returning revision, pre_existing, observed_ending, first_observed_at
        """;

    /// <summary>The old place was seen empty: the new one is next. A change of mind meanwhile (moving_to gone) leaves the place as it is.</summary>
    public static readonly string Move = $"""
        with moved as (
            update issuance.holdings set
                target = coalesce(moving_to ->> 'target', target),
                account = coalesce(moving_to ->> 'account', account),
                privilege = coalesce(moving_to ->> 'privilege', privilege),
                pre_existing = case when moving_to is null then pre_existing end,
                remembered = null,
                moving_to = null,
                next_attempt = clock_timestamp(), attempts = 0, claim_owner = null, claim_until = null
            where principal = $1 and entitlement = $2 and claim_owner = $3 and claim_until > clock_timestamp()
                and {Targets.TargetRegister.Counts("target", "$4")}
            returning target)
        select target, {NotifyTarget} from moved
        """;

    public const string Later = """
        update issuance.holdings set
            next_attempt = case when revision = $4 then clock_timestamp() + $5 else clock_timestamp() end,
            attempts = case when revision = $4 then attempts + $6 else attempts end,
            claim_owner = null, claim_until = null
        where principal = $1 and entitlement = $2 and claim_owner = $3 and claim_until > clock_timestamp()
        """;

    /// <summary>
    /// What waits is due now, and every replica looks. The cause stays until the next result. A single holding is also made to match again
    /// when nothing was left to do: somebody may have changed it at the target.
    /// </summary>
    public const string Retry = $"""
        with found as (
            select principal, entitlement from issuance.holdings
            where (next_attempt > clock_timestamp() or (next_attempt is null and $2::text is not null and not removing))
                and ($1::text is null or target = $1)
                and ($2::text is null or (principal = $2 and entitlement = $3))
                and ($4::text[] is null or (target = any ($4) and failure_code is not null))
            order by principal, entitlement
            for update
        ), retried as (
            update issuance.holdings h set next_attempt = clock_timestamp(), failure_next = case when h.failure_code is not null then clock_timestamp() end
            from found where h.principal = found.principal and h.entitlement = found.entitlement
            returning 1
        )
        select (select count(*) from retried)::integer, pg_notify('{Channel}', '')
        """;

    public const string Answered = """
        with answered as (
            select h.principal, h.entitlement
            from issuance.holdings h
            join unnest($1, $2, $3, $4) as a (principal, entitlement, revision, observed_at)
                on h.principal = a.principal and h.entitlement = a.entitlement and h.observed_revision = a.revision and h.observed_at = a.observed_at
            order by h.principal, h.entitlement
            for update of h
        )
        update issuance.holdings h set answer_due = null
        from answered a
        where h.principal = a.principal and h.entitlement = a.entitlement
        """;

    public const string FailureAnswered = """
        update issuance.holdings set failure_due = null
        where principal = $1 and entitlement = $2 and revision = $3 and failed_at = $4
        """;

    /// <summary>
    /// What takes access away is due at most $1 from now, and claimed for at most $2: more than that was written before the database's clock
    /// was set back.
    /// </summary>
    public const string BringBack = """
        update issuance.holdings set
            next_attempt = case when next_attempt > statement_timestamp() + $1 then statement_timestamp() else next_attempt end,
            claim_until = case when claim_until > statement_timestamp() + $2 then statement_timestamp() + $2 else claim_until end
        where (principal, entitlement) in (
            select principal, entitlement from issuance.holdings
            where next_attempt is not null and (removing or moving_to is not null or ending)
              and (next_attempt > statement_timestamp() + $1 or claim_until > statement_timestamp() + $2)
            for update skip locked)
        """;

    /// <summary>The same for answers: at most $1.</summary>
    public const string BringBackAnswers = """
        update issuance.holdings set
            answer_due = case when answer_due > statement_timestamp() + $1 then statement_timestamp() else answer_due end,
            failure_due = case when failure_due > statement_timestamp() + $1 then statement_timestamp() else failure_due end
        where (principal, entitlement) in (
            select principal, entitlement from issuance.holdings
            where answer_due > statement_timestamp() + $1 or failure_due > statement_timestamp() + $1
            for update skip locked)
        """;

    public const string Figures = """
        select coalesce(h.target, known.id),
               count(*) filter (where h.failure_code is not null),
               count(h.principal),
               coalesce(extract(epoch from clock_timestamp() - min(h.raised_at)
                   filter (where h.removing and h.observed_revision is distinct from h.revision)), 0)::float8
        from (
            select * from issuance.holdings where next_attempt is not null and (removing or moving_to is not null or ending)
            union all select * from issuance.holdings where next_attempt is not null and not (removing or moving_to is not null or ending)) h
        full join unnest($1) known (id) on known.id = h.target
        group by 1
        """;

    public const string List = """
        select principal, entitlement, target, account, privilege, revision, leases, observed_revision, observed, attempts,
               failure_code, failure_message, failed_at, next_attempt, claim_until > clock_timestamp()
        from issuance.holdings
        where ($1::text is null or target = $1)
          and ($2::text is null
               or ($2 = 'failing' and failure_code is not null)
               or ($2 = 'pending' and next_attempt is not null)
               or ($2 = 'settled' and next_attempt is null))
          and (principal, entitlement) > ($3, $4)
        order by principal, entitlement
        limit $5
        """;

    /// <summary>A statement that is kept as a file beside what uses it.</summary>
    internal static string Load(string name)
    {
        using var stream = typeof(HoldingSql).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
