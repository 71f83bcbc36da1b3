-- SPDX-License-Identifier: Apache-2.0
-- Flagged crossings waiting for a person. state: 0 NEW, 1 IN_PROGRESS, 2 REVIEWED, 3 RE_OPENED.
CREATE TABLE queue (
  kiosk       TEXT NOT NULL,
  epoch       INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  priority    INTEGER NOT NULL,
  received_us INTEGER NOT NULL,
  state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
  claimed_by  TEXT NOT NULL DEFAULT '',
  changed_us  INTEGER NOT NULL,
  PRIMARY KEY (kiosk, epoch, seq),
  FOREIGN KEY (kiosk, epoch, seq) REFERENCES record (kiosk, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_waiting ON queue (priority DESC, received_us) WHERE state <> 2;
CREATE INDEX queue_reviewed ON queue (changed_us DESC) WHERE state = 2;

-- Answers on their way to booths, sealed to the kiosk's key, numbered 1, 2, 3 ... per kiosk.
CREATE TABLE answer (
  kiosk  TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  answer BLOB NOT NULL,
  PRIMARY KEY (kiosk, number)
) STRICT;

-- The same decisions, sealed to the centre's record key. A crossing may be decided again.
CREATE TABLE decision (
  number        INTEGER PRIMARY KEY,
  kiosk         TEXT NOT NULL,
  epoch         INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  answer_number INTEGER NOT NULL,
  decided_by    TEXT NOT NULL,
  decided_us    INTEGER NOT NULL,
  copy          BLOB NOT NULL,
  FOREIGN KEY (kiosk, epoch, seq) REFERENCES queue (kiosk, epoch, seq)
) STRICT;
CREATE INDEX decision_record ON decision (kiosk, epoch, seq);
