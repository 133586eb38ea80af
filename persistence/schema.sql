-- What the tables mean: docs/internals/sqlite-layout.md.

CREATE TABLE block (
  no INTEGER PRIMARY KEY,
  family BLOB,      -- NULL: the family was dropped, its rows are on their way out
  segment INTEGER,
  header BLOB,      -- in segment 0
  UNIQUE (family, segment)
);

CREATE TABLE future (
  id INTEGER PRIMARY KEY,  -- block.no * 2^20 + the number's low 20 bits
  spec BLOB,
  result BLOB,
  gauge BLOB,
  state BLOB
);

CREATE TABLE attempt (
  id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  error BLOB NOT NULL,
  PRIMARY KEY (id, number)
) WITHOUT ROWID;

CREATE TABLE root (
  family BLOB PRIMARY KEY NOT NULL,
  created INTEGER NOT NULL,
  settled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX unsettled_root ON root (family) WHERE settled = 0;

CREATE TABLE notice (
  family BLOB NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (family, number)
) WITHOUT ROWID;

PRAGMA application_id = 1113681529;  -- 'Bany'
PRAGMA user_version = 1;
