#!/bin/bash
# Makes the database at the first start, as the public image does: POSTGRES_PASSWORD (needed), POSTGRES_USER,
# POSTGRES_DB, POSTGRES_INITDB_ARGS.
set -euo pipefail

if [[ ${1:-} == postgres && ! -s $PGDATA/PG_VERSION ]]; then
    : "${POSTGRES_PASSWORD:?must be set}"
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    # The arguments are several words, as in the public image.
    # shellcheck disable=SC2086
    initdb --username "$user" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local trust \
        --auth-host scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    # No TCP until the database is complete: a health check over TCP cannot succeed too early.
    pg_ctl --pgdata "$PGDATA" --options "-c listen_addresses=''" --wait start
    if [[ $database != postgres ]]; then createdb --username "$user" --no-password "$database"; fi
    pg_ctl --pgdata "$PGDATA" --mode fast --wait stop
fi
unset POSTGRES_PASSWORD
exec "$@"
