#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches folders for what nobody may leave behind: the invented travellers' names and numbers.

Every file below the folders is read as raw bytes, whatever it is (log, database with its deleted
pages and its write-ahead log, browser profile, temporary file), and looked through for each name and
number as text in UTF-8 and UTF-16 whatever the case, as hexadecimal digits and as Base64 at any
alignment. Databases are read cell by cell besides, since a value may be split over two pages; so are
the contents of gzip files. Names of files count too.

One exception, and no other: a watchlist in the kiosk (*.dvlist in a folder named "lists/layers") holds the
wanted persons' own rows, which is what it is for. Pictures are not read.

Prints a line for each finding (the file and which entry in which form, never the text around it),
then {"files": N, "bytes": N, "excepted": N, "findings": N}. Exit status 1 when anything was found,
2 when there was nothing to search.
"""
import argparse
import base64
import gzip
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import zlib

# What the search may say about an entry -> the text in parts; parts may stand apart by filler of an
# MRZ, a blank or what a URL has for it.
ENTRIES = {
    "specimen's surname": ("ERIKSSON",),
    "specimen's given names": ("ANNA", "MARIA"),
    "specimen's number": ("L898902C3",),
    "listed person's surname": ("MARLOWE",),
    "listed person's given name": ("TESSA",),
    "listed person's number": ("D23145890",),
    "stolen document's number": ("X12345678",),
    "lost document's number": ("B00512087",),
    "discreet person's surname": ("QUILLFEATHER",),
    "third listed person's surname": ("ASHGROVE",),
    "clean travellers' surname": ("SAMPLETON",),
    "clean traveller's given names": ("NORA", "JANE"),
    "clean traveller's number": ("U4417Q902",),
    "misread document's number": ("K77MO3R93",),
}
_APART = rb"(?:[ <+_.,\-]|%20|\\u003c){1,4}"
_SHORT = 6  # shorter words count only as whole words: chance would find them in keys and ciphertext
_MANY = 64 * 1024 * 1024  # bytes of a gzip file's content that are looked at


def _text(parts, encoding):
    """The parts in that encoding as an expression; both kinds of UTF-16 know one filler only."""
    if encoding == "utf-8":
        body = _APART.join(re.escape(p.encode()) for p in parts)
        if len(parts) == 1 and len(parts[0]) < _SHORT:
            body = rb"(?<![A-Za-z0-9+/])" + body + rb"(?![A-Za-z0-9+/])"
        return body
    fillers = b"|".join(re.escape(c.encode(encoding)) for c in " <_-")
    return (b"(?:" + fillers + b"){1,4}").join(re.escape(p.encode(encoding)) for p in parts)


def _spellings(parts):
    """The ways in which records, pages and zones write it."""
    for filler in (" ", "<") if len(parts) > 1 else ("",):
        words = [filler.join(form(p) for p in parts) for form in (str.upper, str.lower, str.title)]
        yield from dict.fromkeys(words)


def _base64(parts):
    """The characters that depend on the text alone, for each alignment of it."""
    for word in _spellings(parts):
        data = word.encode()
        for lead in range(3):
            coded = base64.b64encode(bytes(lead) + data)
            first = -(-lead * 8 // 6)
            core = coded[first:(lead + len(data)) * 8 // 6]
            if len(core) >= _SHORT:
                yield re.escape(core)
                yield re.escape(core.translate(bytes.maketrans(b"+/", b"-_")))


def _hex(parts):
    for word in _spellings(parts):
        yield word.encode().hex().encode()


def expressions(entries):
    """[(what, expression)]"""
    found = []
    for what, parts in entries.items():
        found.append((f"{what} as text", re.compile(_text(parts, "utf-8"), re.IGNORECASE)))
        for encoding in ("utf-16-le", "utf-16-be"):
            found.append((f"{what} in {encoding}",
                          re.compile(_text(parts, encoding), re.IGNORECASE)))
        found.append((f"{what} in hexadecimal",
                      re.compile(b"|".join(sorted(set(_hex(parts)))), re.IGNORECASE)))
        found.append((f"{what} in Base64", re.compile(b"|".join(sorted(set(_base64(parts)))))))
    return found


class Search:
    def __init__(self, entries=None, excepted=True):
        self.expressions = expressions(ENTRIES if entries is None else entries)
        self.excepted = excepted
        self.files = self.bytes = self.spared = 0
        self.findings = []
        self.searched = []

    def folder(self, top):
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                if self.excepted and is_watchlist(path):
                    self.spared += 1
                    continue
                self.file(path)

    def file(self, path):
        with open(path, "rb") as handle:
            content = handle.read()
        self.files += 1
        self.bytes += len(content)
        self.searched.append(path)
        self._look(path, os.path.basename(path).encode("utf-8", "surrogateescape"), "name of the file")
        self._look(path, content, "")
        if content.startswith(b"SQLite format 3\0"):
            self._look(path, b"\n".join(database_cells(path)), "value in the database")
        elif content.startswith(b"\x1f\x8b"):
            self._look(path, gzip_content(path), "compressed")

    def _look(self, path, content, where):
        for what, expression in self.expressions:
            match = expression.search(content)
            if match:
                place = where or f"byte {match.start()}"
                self.findings.append((path, f"{what} ({place})"))


def is_watchlist(path):
    folder = os.path.dirname(path)
    return (path.endswith(".dvlist") and os.path.basename(folder) == "layers" and
            os.path.basename(os.path.dirname(folder)) == "lists")


def database_cells(path):
    """Every text and blob of a copy, which the write-ahead log beside it belongs to."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            if os.path.exists(path + suffix):
                shutil.copy(path + suffix, os.path.join(folder, "copy" + suffix))
        base = sqlite3.connect(os.path.join(folder, "copy"))
        base.text_factory = bytes
        try:
            tables = base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                quoted = table.decode().replace('"', '""')
                for row in base.execute(f'SELECT * FROM "{quoted}"'):
                    yield from (cell for cell in row if isinstance(cell, bytes))
        except sqlite3.DatabaseError:
            return  # damaged, or a kind of table this library does not know; its bytes were read
        finally:
            base.close()


def gzip_content(path):
    try:
        with gzip.open(path) as handle:
            return handle.read(_MANY)
    except (OSError, EOFError, zlib.error):
        return b""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    search = Search()
    for folder in options.folders:
        search.folder(folder)
    for path, what in search.findings:
        print(f"{path}: {what}")
    print(json.dumps({"files": search.files, "bytes": search.bytes, "excepted": search.spared,
                      "findings": len(search.findings)}))
    if search.files + search.spared == 0:
        print(f"nothing to search below {' '.join(options.folders)}", file=sys.stderr)
        return 2
    return 1 if search.findings else 0


if __name__ == "__main__":
    sys.exit(main())
