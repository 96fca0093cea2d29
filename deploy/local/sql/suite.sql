-- The suite's cluster: one database a service, all owned by one role without further rights. May run again.
\set ON_ERROR_STOP on
\getenv governance_password GOVERNANCE_DATABASE_PASSWORD

SELECT 'CREATE ROLE governance LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'governance') \gexec
ALTER ROLE governance PASSWORD :'governance_password';

SELECT format('CREATE DATABASE %I OWNER governance', name)
FROM unnest(ARRAY['governance_intake', 'governance_lifecycle', 'governance_policy', 'governance_issuance', 'governance_expiry']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
