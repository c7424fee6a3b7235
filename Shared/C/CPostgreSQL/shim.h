#pragma once
#include <libpq-fe.h>

// The fields of an error are asked for by characters, which Swift does not see as macros.
static const int slipway_pg_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int slipway_pg_sqlstate = PG_DIAG_SQLSTATE;
static const int slipway_pg_message = PG_DIAG_MESSAGE_PRIMARY;
