-- SPDX-License-Identifier: Apache-2.0
-- Records as they came: the clear header's fields, and ciphertext in the parts that stock tools open.
-- number counts arrivals and is the cursor of those who read along; rows are never deleted, an
-- erased record keeps its header, signature and place in the chain.
CREATE TABLE record (
  number          INTEGER PRIMARY KEY,
  kiosk           TEXT NOT NULL,
  epoch           INTEGER NOT NULL CHECK (epoch >= 1),
  seq             INTEGER NOT NULL CHECK (seq >= 1),
  priority        INTEGER NOT NULL,
  period          TEXT NOT NULL,
  received_us     INTEGER NOT NULL,
  prev_hash       BLOB NOT NULL CHECK (length(prev_hash) = 32),
  link            BLOB NOT NULL CHECK (length(link) = 32),
  body_hash       BLOB NOT NULL CHECK (length(body_hash) = 32),
  protection_hash BLOB NOT NULL CHECK (length(protection_hash) = 32),
  header          BLOB NOT NULL,
  signature       BLOB NOT NULL,
  body            BLOB,
  protection      BLOB,
  UNIQUE (kiosk, epoch, seq)
) STRICT;

-- One row a kiosk: the head of its chain here, and what it said of itself last.
CREATE TABLE kiosk (
  kiosk         TEXT PRIMARY KEY,
  epoch         INTEGER NOT NULL DEFAULT 0,
  seq           INTEGER NOT NULL DEFAULT 0,
  link          BLOB,
  unknown_heads INTEGER NOT NULL DEFAULT 0,
  last_seen_us  INTEGER NOT NULL DEFAULT 0,
  beat_epoch    INTEGER NOT NULL DEFAULT 0,
  beat_seq      INTEGER NOT NULL DEFAULT 0,
  unsent        INTEGER NOT NULL DEFAULT 0,
  missing       INTEGER NOT NULL DEFAULT 0,
  chain         INTEGER NOT NULL DEFAULT 0,
  kiosk_time_us INTEGER NOT NULL DEFAULT 0,
  software      TEXT NOT NULL DEFAULT '',
  lists         TEXT NOT NULL DEFAULT '[]',
  answers       INTEGER NOT NULL DEFAULT 0,
  answers_taken INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
