-- The catalogue: one SQLite file that says what the server can show.
--
-- It is written whole, beside the old one, and put in place by rename; the server opens it
-- read-only and immutable and reopens it when the file changes. Each datasource's rows live in
-- a file of their own (an extract, see extract_file), so a query can see nothing but its source.
--
-- Times are seconds since 1970-01-01T00:00:00Z. Lists and objects are JSON text.
-- An object with deleted_at set is kept, so that its id is never minted again, but not shown.

PRAGMA application_id = 0x4c4b4f43;  -- 'LKOC'

CREATE TABLE datasource (
    id                    TEXT PRIMARY KEY,          -- ds_ + 22 of [a-z2-7]
    name                  TEXT NOT NULL,
    description           TEXT NOT NULL,
    connection_type       TEXT NOT NULL,             -- postgres, snowflake, bigquery, ...
    status                TEXT NOT NULL CHECK (status IN ('online', 'offline')),
    last_refreshed_at     INTEGER NOT NULL,
    freshness_sla_seconds INTEGER NOT NULL CHECK (freshness_sla_seconds > 0),
    row_count             INTEGER NOT NULL,
    extract_file          TEXT NOT NULL,             -- relative to the catalogue's folder
    deleted_at            INTEGER
) STRICT, WITHOUT ROWID;

-- A field is a column of the extract's table, in the order of position (from 0).
CREATE TABLE field (
    datasource_id  TEXT NOT NULL REFERENCES datasource (id),
    position       INTEGER NOT NULL,
    name           TEXT NOT NULL,                    -- snake_case, the column's name
    label          TEXT NOT NULL,                    -- what a person calls it
    data_type      TEXT NOT NULL CHECK (data_type IN
                   ('string', 'integer', 'float', 'boolean', 'date', 'timestamp')),
    semantic_role  TEXT NOT NULL CHECK (semantic_role IN
                   ('dimension', 'measure', 'time', 'identifier')),
    nullable       INTEGER NOT NULL CHECK (nullable IN (0, 1)),
    description    TEXT NOT NULL,
    sample_values  TEXT NOT NULL,                    -- JSON array
    samples_complete INTEGER NOT NULL CHECK (samples_complete IN (0, 1)),
                                                     -- 1: sample_values is every value there is
    PRIMARY KEY (datasource_id, position),
    UNIQUE (datasource_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workbook (
    id          TEXT PRIMARY KEY,                    -- wb_...
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    owner_name  TEXT NOT NULL,
    tags        TEXT NOT NULL,                       -- JSON array of strings
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE view (
    id            TEXT PRIMARY KEY,                  -- vw_...
    workbook_id   TEXT NOT NULL REFERENCES workbook (id),
    datasource_id TEXT NOT NULL REFERENCES datasource (id),
    position      INTEGER NOT NULL,                  -- order inside its workbook, from 0
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    chart_type    TEXT NOT NULL CHECK (chart_type IN ('bar', 'line', 'area', 'pie', 'donut',
                  'treemap', 'histogram', 'scatter', 'heatmap', 'map')),
    encoding      TEXT NOT NULL,                     -- JSON object, Vega-Lite's channels
    saved_filters TEXT NOT NULL,                     -- JSON array of {field, op, value}
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX view_by_workbook ON view (workbook_id, position);

-- Lists are in the order of (name, id).
CREATE INDEX datasource_by_name ON datasource (name COLLATE NOCASE, id);
CREATE INDEX workbook_by_name ON workbook (name COLLATE NOCASE, id);
CREATE INDEX view_by_name ON view (name COLLATE NOCASE, id);
