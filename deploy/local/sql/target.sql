-- The governed cluster of the sample catalog: databases orders and ledger, a group role for each entitlement, a login role for
-- each service account and for the administrator who may break the glass, and the role by which the suite grants and revokes. May run again.
\set ON_ERROR_STOP on
\getenv connector_password GOVERNANCE_CONNECTOR_PASSWORD
\getenv svc_reporting_password GOVERNANCE_TARGET_SVC_REPORTING_PASSWORD
\getenv svc_billing_password GOVERNANCE_TARGET_SVC_BILLING_PASSWORD
\getenv agent_triage_password GOVERNANCE_TARGET_AGENT_TRIAGE_PASSWORD
\getenv omar_password GOVERNANCE_TARGET_OMAR_PASSWORD

SELECT format('CREATE ROLE %I %s', name, options)
FROM (VALUES
    ('orders_readonly', 'NOLOGIN'),
    ('orders_writer', 'NOLOGIN'),
    ('orders_owner', 'NOLOGIN'),
    ('ledger_approver', 'NOLOGIN'),
    ('svc_reporting', 'LOGIN'),
    ('svc_billing', 'LOGIN'),
    ('agent_triage', 'LOGIN'),
    ('omar', 'LOGIN'),
    -- NOINHERIT: it may hand the group roles on, but has none of their rights itself.
    ('governance_connector', 'LOGIN NOINHERIT')
) AS role (name, options)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE governance_connector PASSWORD :'connector_password';
ALTER ROLE svc_reporting PASSWORD :'svc_reporting_password';
ALTER ROLE svc_billing PASSWORD :'svc_billing_password';
ALTER ROLE agent_triage PASSWORD :'agent_triage_password';
ALTER ROLE omar PASSWORD :'omar_password';

-- The admin option, and not CREATEROLE, is what PostgreSQL 16 and later ask for; 15 takes either.
GRANT orders_readonly, orders_writer, orders_owner, ledger_approver TO governance_connector WITH ADMIN OPTION;
-- To end sessions that outlive their grant, after SET ROLE pg_signal_backend.
GRANT pg_signal_backend TO governance_connector;

-- Taking away needs a connection: nobody governed can take up all of them.
ALTER ROLE svc_reporting CONNECTION LIMIT 50;
ALTER ROLE svc_billing CONNECTION LIMIT 50;
ALTER ROLE agent_triage CONNECTION LIMIT 50;
ALTER ROLE omar CONNECTION LIMIT 50;
SELECT 'GRANT pg_use_reserved_connections TO governance_connector' WHERE current_setting('server_version_num')::int >= 160000 \gexec

SELECT format('CREATE DATABASE %I', name)
FROM unnest(ARRAY['orders', 'ledger']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

\connect orders
CREATE SCHEMA IF NOT EXISTS governance AUTHORIZATION governance_connector;
CREATE TABLE IF NOT EXISTS orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    amount numeric(12, 2) NOT NULL,
    placed_at timestamptz NOT NULL
);
INSERT INTO orders (customer, amount, placed_at)
SELECT customer, amount, placed_at
FROM (VALUES
    ('Northwind', 1250.00, timestamptz '2026-11-02 09:15:00Z'),
    ('Contoso', 310.50, timestamptz '2026-11-09 14:02:00Z'),
    ('Fabrikam', 78.25, timestamptz '2026-11-17 11:40:00Z')
) AS sample (customer, amount, placed_at)
WHERE NOT EXISTS (SELECT FROM orders);
ALTER TABLE orders OWNER TO orders_owner;
GRANT SELECT ON orders TO orders_readonly;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO orders_writer;

\connect ledger
CREATE SCHEMA IF NOT EXISTS governance AUTHORIZATION governance_connector;
CREATE TABLE IF NOT EXISTS entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    amount numeric(12, 2) NOT NULL,
    approved boolean NOT NULL DEFAULT false
);
INSERT INTO entries (account, amount)
SELECT account, amount
FROM (VALUES ('4000 sales', 1638.75), ('6100 refunds', -78.25)) AS sample (account, amount)
WHERE NOT EXISTS (SELECT FROM entries);
GRANT SELECT, UPDATE (approved) ON entries TO ledger_approver;
