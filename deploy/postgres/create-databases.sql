-- Runs once, on the first start of an empty volume: two roles that can't see each other's data.
-- Temporal's schema needs the extension btree_gin, which an owner may create in its own database.
\set ON_ERROR_STOP on
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv redress_password REDRESS_DB_PASSWORD

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE redress LOGIN PASSWORD :'redress_password';

CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE redress OWNER redress;

REVOKE ALL ON DATABASE temporal, temporal_visibility, redress FROM PUBLIC;
