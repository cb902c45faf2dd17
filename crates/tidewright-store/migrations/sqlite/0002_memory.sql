-- What earlier runs saw and wished, what people said, and what was written. Moments are milliseconds since the epoch;
-- `key` is the limit as JSON, `format` the version of the JSON beside it.
CREATE TABLE documents (
    place         TEXT    NOT NULL PRIMARY KEY,
    first_seen_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE memories (
    place     TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    format    INTEGER NOT NULL,
    stretches TEXT    NOT NULL,
    PRIMARY KEY (place, key)
) WITHOUT ROWID;

CREATE TABLE approvals (
    ordinal  INTEGER PRIMARY KEY AUTOINCREMENT,
    place    TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    up_to    INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
);

-- There is one pause or none.
CREATE TABLE pauses (
    only     INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    author   TEXT    NOT NULL,
    why      TEXT    NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER
);

-- `origin` is `plan` or `undo`, `origin_id` the run or the revision; `document` is gzipped, null if there was none.
CREATE TABLE revisions (
    ordinal   INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT    NOT NULL UNIQUE,
    at_ms     INTEGER NOT NULL,
    origin    TEXT    NOT NULL,
    origin_id TEXT    NOT NULL,
    author    TEXT    NOT NULL,
    place     TEXT    NOT NULL,
    format    INTEGER NOT NULL,
    changes   TEXT    NOT NULL,
    document  BLOB,
    written   INTEGER NOT NULL DEFAULT 0
);
