#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza watchlist import, diff, find and check --list SOURCE, as somebody types them.

usage: test_watchlist_import.py PROGRAM

The published lists are used where they are at hand (DARVAZA_SHARED_DATA, or ../shared/data beside
the sources): what is imported is counted against what a reader of a few lines counts in them.
"""
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else "darvaza"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SHARED = os.environ.get("DARVAZA_SHARED_DATA",
                        os.path.join(os.path.dirname(ROOT), "shared", "data"))
PROFILE = {"list_id": "f", "title": "F", "owner": "O", "kind": "alerts", "version": 1,
           "generated_at": "2026-11-23T12:00:00Z", "stale_after": "P1D", "expires_at": "P7D",
           "defaults": {"legal_basis": "Act 1", "owner": "O", "purpose": "Test", "action": "INFO",
                        "review_date": "2028-01-31"}}
NOW = "2026-11-23T13:00:00Z"
SDN = ('7,"ERIKSSON, Anna Maria","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
       '"DOB 12 Aug 1974; Passport L898902C (Germany)."\r\n')


def shared(name):
    path = os.path.join(SHARED, "watchlist", name)
    if not os.path.exists(path):
        raise unittest.SkipTest(f"{name} is not on this machine")
    return path


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dv-import-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.profile = self.write("profile.json", json.dumps(PROFILE))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", newline="") as handle:
            handle.write(text)
        return path

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tool(self, *arguments, status=0, text=""):
        done = subprocess.run([PROGRAM, "watchlist", *arguments], input=text, text=True,
                              capture_output=True, check=False,
                              env={**os.environ, "TMPDIR": self.folder})
        self.assertEqual(done.returncode, status, done.stderr[-500:])
        return done.stdout, done.stderr

    def imported(self, source, *more, out="list.dvlist"):
        text, errors = self.run_tool("import", source, "--profile", self.profile, "--out",
                                     self.path(out), "--report", self.path("report.json"), *more)
        with open(self.path("report.json"), encoding="utf-8") as handle:
            report = json.load(handle)
        for key, value in json.loads(text).items():
            self.assertEqual(report[key], value)
        return report, errors

    def rows(self, name="list.dvlist"):
        text, _ = self.run_tool("diff", "-", self.path(name), "--json", "--rows", "1000000",
                                "--now", NOW)
        return [row["after"] for row in json.loads(text)["rows"] if row["change"] == "added"]


class Small(Case):
    def test_import_and_report(self):
        source = self.write("sdn.csv", SDN + '8,"A COMPANY"' + ",-0- " * 10 + "\r\n9,x\r\n")
        report, errors = self.imported(source)
        self.assertEqual((report["format"], report["taken"], report["refused"],
                          report["passed_over"]), ("ofac-sdn", 1, 1, 1))
        self.assertIn("sdn.csv line 3: refused: a row of sdn.csv has 12 fields", errors)
        self.assertIn("1 rows taken, 0 of them changed; 1 refused, 1 passed over", errors)
        self.assertEqual(report["passed"], [{"line": 2, "rule": "an entity is no person"}])
        self.assertNotIn("ERIKSSON", errors + json.dumps(report))
        self.assertEqual(self.rows()[0]["document_number"], "L898902C")

    def test_rows_for_the_self_test(self):
        source = self.write("sdn.csv", SDN)
        now = {key: value for key, value in PROFILE.items() if key != "generated_at"}
        now["defaults"] = {**PROFILE["defaults"], "review_date": "P365D"}
        self.write("profile.json", json.dumps(now))
        report, _ = self.imported(source, "--self-test")
        self.assertEqual(report["taken"], 3)
        self.assertEqual([row["alert_id"] for row in self.rows() if row["issuing_state"] == "UTO"],
                         ["CANARY-D-1", "CANARY-P-1"])
        self.run_tool("statement", self.path("list.dvlist"), "--out", self.path("statement.json"))
        with open(self.path("statement.json"), encoding="utf-8") as handle:
            rows = json.load(handle)["signed"]["canary_rows"]
        self.assertEqual([row["alert_id"] for row in rows], ["CANARY-D-1", "CANARY-P-1"])
        self.imported(source)
        _, errors = self.run_tool("statement", self.path("list.dvlist"), "--out", self.path("no"),
                                  status=1)
        self.assertIn("--self-test", errors)
        self.assertFalse(os.path.exists(self.path("no")))

    def test_format_by_word(self):
        source = self.write("x", SDN)
        self.imported(source, "--format", "ofac-sdn")
        _, errors = self.run_tool("import", source, "--format", "un-xml", "--profile", self.profile,
                                  "--out", self.path("no.dvlist"), status=1)
        self.assertIn("line 1: this is no well-formed XML", errors)
        self.assertFalse(os.path.exists(self.path("no.dvlist")))

    def test_bad_use(self):
        for arguments in (["import"], ["import", "x"], ["import", "x", "--out"],
                          ["import", "x", "--format", "pdf", "--out", "y"], ["diff", "x"],
                          ["diff", "x", "y", "--rows", "many"], ["diff", "x", "y", "z"], ["delta", "x", "y"],
                          ["check", "--profile", "x"], ["find", "--list", "x"], ["find", "L898"],
                          ["find", "--list", "x", "L898", "--max", "0"], ["find", "L898", "x"],
                          ["dry-run", "--release", "1"],
                          ["dry-run", "--opener", "x", "--user", "u", "--reason", "why",
                           "--release", "0", "--store", "x"],
                          ["dry-run", "--opener", "x", "--user", "u", "--reason", "why",
                           "--release", "1"]):
            _, errors = self.run_tool(*arguments, status=2)
            self.assertIn("Usage:", errors)
        for command in ("import", "build", "delta", "diff", "check", "find", "dry-run"):
            self.assertIn("Usage:", self.run_tool(command, "--help")[0])

    def test_questions_to_a_source(self):
        source = self.write("some list.csv", SDN)
        question = json.dumps({"id": 1, "document_number": "L898902C", "issuing_state": "D"})
        answer = json.loads(self.run_tool("check", "--list", source, "--now", NOW,
                                          text=question + "\n")[0])
        self.assertEqual(answer["hits"][0]["alert_id"], "7")
        self.assertEqual(answer["lists"][0]["list_id"], "some_list.csv")
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("darvaza")],
                         [])
        _, errors = self.run_tool("check", "--list", self.write("bad", "no,such\n"), status=1,
                                  text=question)
        self.assertIn("no member of an alert", errors)

    def test_find(self):
        self.imported(self.write("sdn.csv", SDN + SDN.replace("7,", "8,", 1).replace(
            "Passport L898902C (Germany)", "Passport L8989O2 (Norway)")))
        path = self.path("list.dvlist")

        def found(*words, status=0):
            lines = self.run_tool("find", "--list", path, "--now", NOW, *words,
                                  status=status)[0].splitlines()
            return [(line["alert_id"], line["document_number"], line["look_alike"])
                    for line in map(json.loads, lines)]

        self.assertEqual(found("l898 90"), [("8", "L8989O2", True), ("7", "L898902C", False)])
        self.assertEqual(found("L898", "--issuer", "NOR"), [("8", "L8989O2", False)])
        self.assertEqual(found("L8989", "--max", "1"), [("8", "L8989O2", False)])
        self.assertEqual(found("L8999", status=1), [])
        _, errors = self.run_tool("find", "--list", path, "--now", NOW, "--max", "1", "L898")
        self.assertIn("there are more", errors)
        _, errors = self.run_tool("find", "--list", path, "L898", "--now", "2027-11-23T13:00:00Z",
                                  status=1)
        self.assertIn("list", errors)  # its time is over: no "none found"

    def test_diff(self):
        self.imported(self.write("a", SDN), out="a.dvlist")
        changed = SDN.replace("DOB 12 Aug 1974; ", "") + SDN.replace("7,", "8,", 1)
        self.imported(self.write("b", changed), out="b.dvlist")
        text, _ = self.run_tool("diff", self.path("a.dvlist"), self.path("b.dvlist"), "--now", NOW)
        self.assertIn("added           1\n", text)
        self.assertIn("changed 7: birth_date\n", text)
        self.assertNotIn("ERIKSSON", text)
        _, errors = self.run_tool("delta", self.path("a.dvlist"), self.path("b.dvlist"), "--out",
                                  self.path("no.dvlist"), status=1)
        self.assertIn("version", errors)  # b does not have a higher one
        self.write("profile.json", json.dumps({**PROFILE, "version": 2}))
        self.imported(self.write("b", changed), out="b.dvlist")
        delta = json.loads(self.run_tool("delta", self.path("a.dvlist"), self.path("b.dvlist"),
                                         "--out", self.path("d.dvlist"))[0])
        self.assertEqual((delta["rows"], delta["layer_rows"], delta["removed"]), (2, 2, 1))
        layers = self.path("a.dvlist") + "," + self.path("d.dvlist")
        text, _ = self.run_tool("diff", layers, self.path("b.dvlist"), "--json")
        self.assertEqual(json.loads(text)["counts"]["unchanged"], 2)
        text, _ = self.run_tool("diff", self.path("a.dvlist"), self.path("a.dvlist"), "--json")
        self.assertEqual(json.loads(text)["counts"]["unchanged"], 1)


class Published(Case):
    def test_un(self):
        source = shared("un_consolidated_20260227.xml")
        report, _ = self.imported(source)
        root = ElementTree.parse(source).getroot()
        persons = root.find("INDIVIDUALS").findall("INDIVIDUAL")
        self.assertEqual(report["taken"], len(persons))
        self.assertEqual(report["refused"], 0)
        self.assertEqual(report["passed_over"], len(root.find("ENTITIES")))
        rows = {row["alert_id"]: row for row in self.rows()}
        self.assertEqual(len(rows), len(persons))
        documents = 0
        for person in persons:
            row = rows[person.findtext("REFERENCE_NUMBER").strip()]
            names = [(alias.findtext("ALIAS_NAME") or "").strip()
                     for alias in person.findall("INDIVIDUAL_ALIAS")]
            aliases = row.get("aliases", [])
            native = bool((person.findtext("NAME_ORIGINAL_SCRIPT") or "").strip())
            self.assertGreaterEqual(len(aliases), sum(map(bool, names)) + native)
            low = sum((alias.findtext("QUALITY") or "").strip() == "Low" and bool(name)
                      for alias, name in zip(person.findall("INDIVIDUAL_ALIAS"), names))
            self.assertGreaterEqual(sum(a["quality"] == "low" for a in aliases), low)
            numbers = [row["document_number"]] if "document_number" in row else []
            numbers += [d["document_number"] for d in row.get("other_documents", [])]
            documents += len(numbers)
            for number in (d.findtext("NUMBER") for d in person.findall("INDIVIDUAL_DOCUMENT")):
                plain = re.sub("[ -]", "", (number or "").strip())
                if re.fullmatch(r"[A-Z]{0,3}[0-9]+[A-Z]{0,3}", plain):
                    self.assertIn(plain, [re.sub("[ -]", "", n) for n in numbers])
        listed = sum(bool((d.findtext("NUMBER") or "").strip())
                     for p in persons for d in p.findall("INDIVIDUAL_DOCUMENT"))
        self.assertEqual(report["documents"], documents)
        self.assertGreaterEqual(documents, listed - 1)  # one number of the list has no digit

    def test_ofac(self):
        source, aliases = shared("ofac_sdn_bench.csv"), shared("ofac_alt_bench.csv")
        report, _ = self.imported(source, "--aliases", aliases)
        with open(source, encoding="utf-8", newline="") as handle:
            lines = [line for line in csv.reader(handle) if len(line) == 12]
        with open(aliases, encoding="utf-8", newline="") as handle:
            names = collections.Counter(line[0] for line in csv.reader(handle) if len(line) == 5)
        persons = [line for line in lines if line[2].strip() == "individual"]
        self.assertEqual(report["taken"], len(persons))
        self.assertEqual(report["refused"], 0)
        self.assertEqual(report["passed_over"], len(lines) - len(persons))
        weak = sum(len(re.findall(r"a\.k\.a\. ", line[11])) for line in persons)
        self.assertEqual(report["aliases"], sum(names[line[0]] for line in persons) + weak)
        rows = {row["alert_id"]: row for row in self.rows()}
        missing = listed = 0
        with open(shared("docs_derived_ofac_passports.tsv"), encoding="utf-8") as handle:
            for line in csv.DictReader(handle, delimiter="\t"):
                row = rows.get(line["ent_num"])
                if row is None:  # numbers of companies stand there as well
                    continue
                numbers = [row.get("document_number", "")]
                numbers += [d["document_number"] for d in row.get("other_documents", [])]
                plain = re.sub("[^A-Z0-9]", "", line["number"].upper())
                listed += 1
                found = [re.sub("[^A-Z0-9]", "", n.upper()) for n in numbers]
                # That file was made by cutting at the first space: its numbers may be shorter.
                absent = not any(n.startswith(plain) for n in found)
                missing += absent
        print(f"{listed - missing} of {listed} numbers found", file=sys.stderr)
        self.assertLessEqual(missing, listed * 0.01)


if __name__ == "__main__":
    unittest.main()
