    declare
        account_id constant oid := to_regrole(quote_ident(account));
        privilege_id constant oid := to_regrole(quote_ident(privilege));
        other_grantor text;
    begin
        if wanted then
            if account_id is null then
                raise exception using errcode = 'GV003', message = 'The account does not exist.';
            elsif privilege_id is null then
                raise exception using errcode = 'GV004', message = 'The privilege does not exist.';
            end if;
            execute format('grant %I to %I', privilege, account);
        elsif account_id is not null and privilege_id is not null then
            if exists (select from pg_catalog.pg_auth_members where roleid = privilege_id and member = account_id) then
                execute format('revoke %I from %I', privilege, account);
            end if;
            -- From version 16 on, the same membership may have been granted by several; reading back shows those that we may not revoke.
            for other_grantor in
                select r.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.grantor
                where m.roleid = privilege_id and m.member = account_id
            loop
                begin
                    execute format('revoke %I from %I granted by %I', privilege, account, other_grantor);
                exception when insufficient_privilege then
                    null;
                end;
            end loop;
        end if;
    end;
