#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The privacy search must find whatever was planted, in every form, and nothing where nothing is."""
import base64
import gzip
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from search import ENTRIES, Search

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "search.py")


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name

    def plant(self, name, content):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as handle:
            handle.write(content)
        return path

    def findings(self):
        search = Search()
        search.folder(self.dir)
        return search.findings

    def found(self, what):
        return any(text.startswith(what) for _, text in self.findings())

    def test_every_entry_in_every_form(self):
        chance = random.Random(20)
        for what, parts in ENTRIES.items():
            for word in ("<".join(parts), " ".join(parts).title(), " ".join(parts).lower()):
                forms = {"as text": word.encode(), "in utf-16-le": word.encode("utf-16-le"),
                         "in utf-16-be": word.encode("utf-16-be"),
                         "in hexadecimal": word.encode().hex().encode()}
                for lead in range(3):
                    coded = base64.b64encode(b"\0" * lead + word.encode() + b"\0\0\0")
                    forms[f"in Base64 {lead}"] = coded
                for form, content in forms.items():
                    with self.subTest(entry=what, form=form):
                        noise = bytes(chance.randrange(128, 256) for _ in range(500))
                        self.plant("log", noise + b'"' + content + b'"' + noise)
                        wanted = f"{what} {form[:9] if 'Base64' in form else form}"
                        self.assertTrue(self.found(wanted), wanted)

    def test_names_of_files(self):
        self.plant("eriksson.txt", b"nothing")
        self.assertTrue(self.found("specimen's surname as text (name"))

    def test_deleted_rows_and_write_ahead_logs(self):
        path = os.path.join(self.dir, "outbox.db")
        base = sqlite3.connect(path)
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA secure_delete = OFF")
        base.execute("CREATE TABLE t (a TEXT)")
        base.execute("INSERT INTO t VALUES ('MARLOWE')")
        base.commit()
        self.assertTrue(any(p.endswith("-wal") for p, _ in self.findings()))
        base.execute("DELETE FROM t")
        base.commit()
        base.close()
        self.assertTrue(self.found("listed person's surname as text (byte"))

    def test_value_split_over_pages(self):
        path = os.path.join(self.dir, "outbox.db")
        base = sqlite3.connect(path)
        base.execute("PRAGMA page_size = 512")
        base.execute("CREATE TABLE t (a TEXT)")
        for length in range(600):
            base.execute("INSERT INTO t VALUES (?)", ("." * length + "ERIKSSON" + "." * (600 - length),))
        base.commit()
        base.close()
        with open(path, "rb") as handle:
            pages = handle.read()
        self.assertLess(pages.count(b"ERIKSSON"), 600)  # or it would prove nothing
        self.assertTrue(self.found("specimen's surname as text (value in the database)"))

    def test_compressed(self):
        self.plant("cache.gz", gzip.compress(b"x" * 1000 + b"D23145890"))
        self.assertTrue(self.found("listed person's number as text (compressed)"))

    def test_watchlists_alone_are_excepted(self):
        self.plant("kiosk/lists/layers/demo.dvlist", b"MARLOWE")
        self.assertEqual(self.findings(), [])
        for name in ("kiosk/demo.dvlist", "kiosk/lists/demo.dvlist", "kiosk/lists/layers/demo.dvlist.tmp",
                     "kiosk/lists/layers/demo.log"):
            path = self.plant(name, b"MARLOWE")
            self.assertEqual([p for p, _ in self.findings()], [path])
            os.remove(path)

    def test_nothing_where_nothing_is(self):
        noise = random.Random(2)
        self.plant("noise", noise.randbytes(2 << 20))
        self.plant("coded", base64.b64encode(noise.randbytes(2 << 20)))
        self.plant("near", b"anna and maria; erikson; tessarae; L898902C4; marlow")
        self.assertEqual(self.findings(), [])

    def test_status(self):
        def status():
            return subprocess.run([sys.executable, TOOL, self.dir], capture_output=True, text=True,
                                  check=False)
        self.assertEqual(status().returncode, 2)
        self.plant("log", b"ready")
        self.assertEqual(status().returncode, 0)
        self.plant("log", b"hello ERIKSSON of Utopia")
        done = status()
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("ERIKSSON", done.stdout)
        self.assertNotIn("Utopia", done.stdout)


if __name__ == "__main__":
    unittest.main()
