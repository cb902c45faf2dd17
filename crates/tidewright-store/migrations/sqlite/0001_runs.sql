-- Runs and what they decided. Moments are milliseconds since the epoch; `format` is the version of the JSON.
-- `ordinal` gives the order in which runs were saved: it never goes back, also after the last run was removed.
CREATE TABLE runs (
    ordinal     INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    started_ms  INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    mode        TEXT    NOT NULL,
    inputs_hash TEXT    NOT NULL,
    format      INTEGER NOT NULL,
    plan        TEXT    NOT NULL
);

CREATE TABLE proposals (
    run_id   TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal  INTEGER NOT NULL,
    key      TEXT    NOT NULL,
    decision TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    proposal TEXT    NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) WITHOUT ROWID;
