# SPDX-License-Identifier: Apache-2.0
"""What stands at the centre, judged without our own code: SQLite and the openssl command."""
import re
import sqlite3
import subprocess
from collections import Counter

_ID = re.compile(rb'"crossing_id":"([0-9a-f-]{36})"')


def crossing_ids(layout):
    """Counter of the crossing ids in the sealed bodies; RuntimeError for one that does not open."""
    store = sqlite3.connect(f"file:{layout.path('centre', 'store.db')}?mode=ro", uri=True)
    rows = store.execute("SELECT kiosk, epoch, seq, body FROM record ORDER BY number").fetchall()
    store.close()
    found = Counter()
    for kiosk, epoch, seq, body in rows:
        found[_open(layout, body, f"{kiosk} {epoch}/{seq}")] += 1
    return found


def _open(layout, body, what):
    key = layout.path("pki", "centre", "record-P1")
    done = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-inkey",
                           key + "-key.pem", "-recip", key + ".pem"],
                          input=body, capture_output=True, check=False)
    match = _ID.search(done.stdout)
    if done.returncode or not match:
        raise RuntimeError(f"record {what} does not open: {done.stderr.decode()[-300:]}")
    return match.group(1).decode()


def gaps(layout):
    """[(kiosk, epoch)] whose numbers do not run 1, 2, 3 ... without a gap."""
    store = sqlite3.connect(f"file:{layout.path('centre', 'store.db')}?mode=ro", uri=True)
    rows = store.execute("SELECT kiosk, epoch, count(*), min(seq), max(seq) FROM record "
                         "GROUP BY kiosk, epoch").fetchall()
    store.close()
    return [(kiosk, epoch) for kiosk, epoch, n, low, high in rows if low != 1 or high != n]
