#!/bin/sh
# Brings Temporal's two databases to the schema of this admin-tools image; does nothing where they are there already.
# The connection comes from SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN.
set -eu

apply() { # database, folder of its schema
    temporal-sql-tool --database "$1" setup-schema --version 0.0
    temporal-sql-tool --database "$1" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

apply temporal temporal
apply temporal_visibility visibility
