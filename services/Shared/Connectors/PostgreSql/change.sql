-- One statement changes access, so the server's own clock and its limit of a statement's time end it, whatever becomes of the client.
-- Names come as settings and are quoted here by format(%I): nothing is ever spliced into a statement outside the server.
do $change$
declare
    account constant text := current_setting('governance.account');
    privilege constant text := current_setting('governance.privilege');
    holder constant uuid := current_setting('governance.holder')::uuid;
    revision constant bigint := current_setting('governance.revision')::bigint;
    wanted constant boolean := current_setting('governance.wanted')::boolean;
    fenced constant boolean := current_setting('governance.fenced')::boolean;
    deadline constant timestamptz := current_setting('governance.deadline')::timestamptz;
    patience constant timestamptz := clock_timestamp() + least(interval '1 second', (deadline - clock_timestamp()) / 4);
    written bigint;
begin
    -- Whoever may connect can hold this lock, also to keep the access. It only keeps changes of one membership from failing each other; what
    -- keeps older ones out is the fence, which is the suite's alone.
    while not pg_try_advisory_xact_lock(hashtextextended(length(account) || ':' || account || ':' || privilege, 5870421893))
        and clock_timestamp() < patience
    loop
        perform pg_sleep(0.01);
    end loop;
    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;

    if fenced then
        insert into governance.holdings as fence (account, privilege, holder, revision, changed_at)
        values (account, privilege, holder, revision, clock_timestamp())
        on conflict on constraint holdings_pkey do update
            set revision = excluded.revision, changed_at = excluded.changed_at
            where fence.revision <= excluded.revision;
        get diagnostics written = row_count;
        if written = 0 then
            raise exception using errcode = 'GV002', message = 'A higher revision of this holding was applied already.';
        end if;
    end if;

{change}
    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;
end
$change$
