#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza watchlist check: harmless spellings are taken, everything else is refused by name, and no
slip becomes "no hit".

usage: test_watchlist_check.py PROGRAM
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "darvaza"
NOW = "2026-11-23T13:00:00Z"
PERSON = {"alert_id": "p1", "subject": "person", "surname": "ERIKSSON",
          "given_names": "ANNA MARIA", "birth_date": "1974-08-12", "sex": "F",
          "nationality": "UTO", "document_number": "L898902C3", "issuing_state": "UTO",
          "document_type": "P"}
OTHER = {"alert_id": "p2", "subject": "person", "surname": "STEVENSON", "given_names": "PETER",
         "birth_date": "1934-07-12"}
LINES = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
PROFILE = {"list_id": "f", "title": "F", "owner": "O", "kind": "alerts", "version": 1,
           "generated_at": "2026-11-23T12:00:00Z", "stale_after": "P1D", "expires_at": "P7D",
           "defaults": {"legal_basis": "Act 1", "owner": "O", "purpose": "Test", "action": "INFO",
                        "review_date": "2028-01-31"}}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dv-check-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def source(self, *rows, name="list.jsonl"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as handle:
            handle.writelines(json.dumps(row) + "\n" for row in rows)
        return path

    def run_tool(self, *arguments, status=0, text=""):
        done = subprocess.run([PROGRAM, "watchlist", *arguments], input=text, text=True,
                              capture_output=True, check=False,
                              env={**os.environ, "TMPDIR": self.folder})
        self.assertEqual(done.returncode, status, done.stderr[-500:])
        return done.stdout, done.stderr

    def ask(self, source, *questions, status=0):
        text, errors = self.run_tool("check", "--list", source, "--now", NOW, status=status,
                                     text="".join(json.dumps(q) + "\n" for q in questions))
        self.errors = errors
        return [json.loads(line) for line in text.splitlines()]


class Rows(Case):
    def test_harmless_spellings(self):
        name = {"surname": "ERIKSSON", "given_names": "ANNA MARIA"}
        for written, date in (("1985", "1985-XX-XX"), ("1985-04", "1985-04-XX"),
                              ("1985-00-00", "1985-XX-XX"), ("19850407", "1985-04-07"),
                              ("1985-4-7", "1985-04-07"), ("1985/04/07", "1985-04-07"),
                              ("1985-04-xx", "1985-04-XX")):
            source = self.source({**PERSON, "birth_date": written})
            hit = self.ask(source, {**name, "birth_date": "1985-04-07"})[0]["hits"][0]
            birth = [r["listed"] for r in hit["reasons"] if r["field"] == "birth_date"]
            self.assertEqual(birth, [date], written)
            self.assertIn("1 rows were changed", self.errors)
        for member, written, read in (("sex", "female", "F"), ("sex", "f", "F"),
                                      ("nationality", "uz", "UZB"),
                                      ("nationality", "uzb", "UZB"),
                                      ("nationality", "Uzbekistan", "UZB")):
            source = self.source({**PERSON, member: written})
            hit = self.ask(source, {**name, "birth_date": "1974-08-12", member: read})[0]["hits"][0]
            self.assertIn((member, "AGREES"), [(r["field"], r["result"]) for r in hit["reasons"]])

    def test_lenient_for_questions_only(self):
        row = {**PERSON, "alert_id": 7, "aliases": ["CLARA LINDQVIST"], "document_number": 1234567}
        answer = self.ask(self.source(row), {"name": "CLARA LINDQVIST", "birth_date": "1974-08-12"},
                          {"document_number": "1234567"})
        self.assertEqual([a["hits"][0]["alert_id"] for a in answer], ["7", "7"])
        answer = self.ask(self.source({**PERSON, "alert_id": "UN list 1"}),
                          {"document_number": "L898902C3"})[0]
        self.assertEqual(answer["hits"][0]["alert_id"], "UN_list_1")
        self.assertIn("alert_id", self.errors)
        source = self.source(PROFILE, row, {**PERSON, "birth_date": "1974", "sex": "female"})
        text, errors = self.run_tool("import", source, "--out", os.path.join(self.folder, "l"))
        self.assertEqual([json.loads(text)[key] for key in ("taken", "changed", "refused")],
                         [1, 1, 1])
        self.assertIn("line 3: changed: a birth date", errors)
        self.assertIn("line 2: refused: alert_id is no string", errors)

    def test_csv(self):
        path = os.path.join(self.folder, "list.csv")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write("alert_id,surname,given_names,birth_date,sex,aliases,document_number\n"
                         "p 1,ERIKSSON,ANNA,1974,female,CLARA LINDQVIST; C LIND,007\n")
        hit = self.ask(path, {"name": "CLARA LINDQVIST", "birth_date": "1974"})[0]["hits"][0]
        self.assertEqual((hit["alert_id"], hit["listed_name"]), ("p_1", "CLARA LINDQVIST"))
        profile = self.source(PROFILE, name="profile.json")
        _, errors = self.run_tool("import", path, "--profile", profile, "--out",
                                  os.path.join(self.folder, "l"), status=1)
        self.assertIn("all 1 rows were refused", errors)

    def test_duties_stay(self):
        profile = {key: value for key, value in PROFILE.items() if key != "defaults"}
        text, errors = self.run_tool("import", self.source(profile, PERSON), "--out",
                                     os.path.join(self.folder, "l"), status=1)
        self.assertIn("legal_basis is missing", errors)

    def test_refused_rows_are_said(self):
        rows = [OTHER] + [{**PERSON, "alert_id": f"b{i}", "birth_date": "12.08.1974"}
                          for i in range(25)]
        answer = self.ask(self.source(*rows), {"surname": "ERIKSSON", "birth_date": "1974-08-12"})[0]
        self.assertEqual((answer["status"], answer["determined"]), ("undetermined", False))
        self.assertIn("25 rows of the source list.jsonl were refused",
                      answer["undetermined_because"])
        self.assertIn("list.jsonl line 2: refused: birth_date is no date", self.errors)
        self.assertEqual(self.errors.count(": refused: "), 20)
        self.assertIn("25 rows were refused and cannot be found", self.errors)
        self.ask(self.source(*rows[1:]), {"surname": "ERIKSSON"}, status=1)
        self.assertIn("line 1: refused: birth_date is no date", self.errors)


class Questions(Case):
    def setUp(self):
        super().setUp()
        self.list = self.source(PERSON, OTHER)

    def refused(self, question, *words):
        answer = self.ask(self.list, {"id": 1, **question}, status=1)[0]
        self.assertEqual((answer["status"], answer["id"]), ("refused", 1), question)
        for word in words:
            self.assertIn(word, answer["reason"])

    def test_wrong_members(self):
        for question, word in (
                ({"name": ["ANNA"]}, "name is no string"),
                ({"document_number": 12345}, "document_number is no string"),
                ({"surname": "A", "sex": 1}, "sex is no string"),
                ({"name": "ANNA " * 300}, "name is longer than"),
                ({"name": "12345"}, "name has no letter"), ({"name": "A\x01B"}, "name has a control"),
                ({"document_number": "L898/902"}, "document_number has a character"),
                ({"document_number": "<<<"}, "document_number has no letter"),
                ({"document_number": "A" * 60}, "document_number has no letter or digit, or more"),
                ({"surname": "A", "sex": "yes"}, "sex is none of"),
                ({"surname": "A", "document_type": "passport"}, "document_type is no"),
                ({"surname": "A", "birth_dat": "1985"}, "unknown member"),
                ({"mrz": 5}, "mrz is neither"), ({"mrz": [1, 2]}, "mrz is neither"),
                ({"mrz": []}, "mrz is neither"), ({"mrz": "P<UTO"}, "mrz: ")):
            self.refused(question, word)

    def test_dates(self):
        for date in ("12.08.1974", "1974-13-01", "1974-02-30", "740812", "soon", "1974-08-12T00"):
            self.refused({"surname": "ERIKSSON", "birth_date": date}, "birth_date is no date")
        for date in ("1974-08-12", "19740812", "1974/8/12"):
            hit = self.ask(self.list, {"surname": "ERIKSSON", "given_names": "ANNA MARIA",
                                       "birth_date": date})[0]["hits"][0]
            self.assertEqual(hit["kind"], "EXACT_PERSON", date)

    def test_contradicting_members(self):
        self.refused({"name": "ANNA ERIKSSON", "surname": "ERIKSSON"}, "name stands beside")
        self.refused({"name": "ANNA ERIKSSON", "given_names": "ANNA"}, "name stands beside")
        self.refused({"mrz": LINES, "surname": "ERIKSSON"}, "mrz stands beside surname")
        self.refused({"mrz": LINES, "document_number": "1"}, "mrz stands beside document_number")
        self.assertEqual(self.ask(self.list, {"name": "ANNA ERIKSSON", "surname": "",
                                              "mrz": None})[0]["status"] != "refused", True)

    def test_issuers(self):
        for issuer, score in (("uto", 1000), ("UTO", 1000), ("Utopia", 1000), ("XXX", 900),
                              ("<<<", 900), ("", 900), (None, 900)):
            hits = self.ask(self.list, {"document_number": "L898902C3",
                                        "issuing_state": issuer})[0]["hits"]
            self.assertEqual([hit["score"] for hit in hits], [score], issuer)
        for issuer in ("QQ", "Nowhere at all", "U7O", "Q"):
            self.refused({"document_number": "L898902C3", "issuing_state": issuer},
                         "issuing_state is no code")
        self.assertEqual(self.ask(self.list, {"document_number": "L898902C3",
                                              "issuing_state": "de"})[0]["status"], "no_hit")

    def test_zone_as_text_and_lines(self):
        for zone in (LINES, "\n".join(LINES), "".join(LINES)):
            answer = self.ask(self.list, {"mrz": zone})[0]
            self.assertEqual((answer["hits"][0]["kind"], answer["hits"][0]["probable"]),
                             ("EXACT_DOCUMENT", False))
            self.assertEqual(answer["mrz"], {"verdict": "valid", "errors": []})
            self.assertTrue(answer["determined"])
        td1 = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6",
               "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
        for zone in (td1, "".join(td1)):
            self.assertEqual(self.ask(self.list, {"mrz": zone})[0]["hits"][0]["kind"],
                             "EXACT_PERSON")

    def test_failing_check_digits(self):
        number = [LINES[0], LINES[1].replace("L898902C36", "L898902C37")]
        answer = self.ask(self.list, {"mrz": number})[0]
        self.assertEqual(answer["mrz"]["verdict"], "invalid")
        self.assertIn("document_number", " ".join(answer["mrz"]["errors"]))
        hit = answer["hits"][0]
        self.assertTrue(hit["probable"])
        self.assertLessEqual(hit["score"], 800)
        self.assertIn("check digit fails", " ".join(r["text"] for r in hit["reasons"]))
        self.assertIn("check digit of the document number", answer["undetermined_because"])
        misread = [LINES[0].replace("ERIKSSON<<ANNA<MARIA", "SOMEBODY<<ELSE<<<<<<"),
                   LINES[1].replace("L898902C36", "L898702C36")]
        self.assertEqual(self.ask(self.list, {"mrz": misread})[0]["status"], "undetermined")
        plain = self.source({**PERSON, "document_number": "", "issuing_state": "",
                             "document_type": ""})
        birth = [LINES[0], LINES[1].replace("7408122", "7408123")]
        hits = self.ask(plain, {"mrz": birth})[0]["hits"]
        self.assertEqual([hit["probable"] for hit in hits], [True])

    def test_exit_status(self):
        undetermined = {"nationality": "UTO"}
        self.assertEqual(self.ask(self.list, undetermined)[0]["status"], "undetermined")
        answers = self.ask(self.list, {"surname": "A", "birth_date": "?"}, undetermined, status=1)
        self.assertEqual([a["status"] for a in answers], ["refused", "undetermined"])
        missing = os.path.join(self.folder, "missing.dvlist")
        self.assertEqual(self.ask(missing, {"surname": "ERIKSSON"}, status=1)[0]["status"],
                         "undetermined")


if __name__ == "__main__":
    unittest.main()
