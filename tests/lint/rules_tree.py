# SPDX-License-Identifier: Apache-2.0
"""What holds for every file: licence, length, no traces of one machine, links that lead somewhere."""
import os
import re

import ctext
from tree import Finding

FILE_GOAL, FILE_MAX = 300, 700
FUNCTION_GOAL, FUNCTION_MAX = 40, 100
SHARE = 0.9
SHARE_FROM = 10  # below so many pieces "nine in ten" says nothing
LICENCE = "SPDX-License-Identifier: Apache-2.0"
SOURCE = (".c", ".h", ".cc", ".cpp", ".hpp", ".py", ".sh", ".js", ".mjs", ".css", ".html", ".sql",
          ".xml", ".service", ".socket", ".rules", "meson.build", "meson_options.txt",
          ".clang-format", ".clang-tidy", ".editorconfig")
COUNTED = (".c", ".h", ".cc", ".cpp", ".hpp", ".py", ".sh", ".js", ".mjs", ".css", ".html")
# Split so that this file does not name what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|wor" r"k/|roo" r"t/|tmp/d" r"v\b)|"
                          r"\b[A-Z]:\\\\?Users")
HOSTS = ["registry.npm" "js.org", "npm" "js.com/package", "registry.yarn" "pkg.com", "py" "pi.org",
         "files.python" "hosted.org", "static.crates" ".io", "index.crates" ".io",
         "proxy.gol" "ang.org", "deb.deb" "ian.org", "security.deb" "ian.org",
         "archive.ubu" "ntu.com", "registry-1.dock" "er.io", "quay" ".io", "cdn.jsdel" "ivr.net",
         "unp" "kg.com", "cdnjs.cloud" "flare.com"]
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def _scripts(tree):
    return [p for p in tree.paths if "." not in os.path.basename(p)
            and tree.text(p).startswith("#!")]


def spdx(tree):
    for path in tree.ending(*SOURCE) + _scripts(tree):
        lines = tree.lines(path)
        first = 1 if lines[0].startswith(("#!", "<!DOCTYPE", "<!doctype", "<?xml")) else 0
        if len(lines) <= first or LICENCE not in lines[first]:
            yield Finding(path, first + 1, "spdx", f"the first line says {LICENCE}")


def _share(pieces, goal, rule, noun):
    over = [p for p in pieces if p[2] > goal]
    if len(pieces) >= SHARE_FROM and len(over) > (1 - SHARE) * len(pieces):
        for path, line, size, name in sorted(over, key=lambda p: -p[2])[:10]:
            yield Finding(path, line, rule,
                          f"{len(over)} of {len(pieces)} {noun} exceed {goal} lines, more than one "
                          f"in ten; {name} has {size}")


def file_length(tree):
    pieces = [(p, 1, tree.text(p).count("\n"), os.path.basename(p))
              for p in tree.ending(*COUNTED) + _scripts(tree)]
    for path, line, size, _ in pieces:
        if size > FILE_MAX:
            yield Finding(path, line, "file-length", f"{size} lines; {FILE_MAX} are the most")
    yield from _share(pieces, FILE_GOAL, "file-length", "files")


def function_length(tree):
    pieces = []
    for path in tree.ending(".c", ".h"):
        pieces += [(path, line, size, name) for name, line, size in ctext.functions(tree.text(path))]
    for path, line, size, name in pieces:
        if size > FUNCTION_MAX:
            yield Finding(path, line, "function-length",
                          f"{name} has {size} lines; {FUNCTION_MAX} are the most")
    yield from _share(pieces, FUNCTION_GOAL, "function-length", "functions")


def _each_line(tree, rule, pattern, message):
    for path in tree.paths:
        for number, line in enumerate(tree.lines(path), 1):
            match = pattern.search(line)
            if match:
                yield Finding(path, number, rule, f"{match.group(0)}: {message}")


def machine_path(tree):
    return _each_line(tree, "machine-path", MACHINE_PATH, "a path of one machine")


def registry_host(tree):
    pattern = re.compile("|".join(re.escape(h) for h in HOSTS))
    return _each_line(tree, "registry-host", pattern,
                      "where packages come from is the machine's own setting")


def _anchors(text):
    found = set()
    for title in re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", text, re.MULTILINE):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def markdown_links(tree):
    for path in tree.ending(".md"):
        text = re.sub(r"```.*?```", lambda m: re.sub(r"[^\n]", " ", m.group(0)), tree.text(path),
                      flags=re.DOTALL)
        for match in _LINK.finditer(text):
            target = match.group(1) or match.group(2)
            problem = _broken(tree, path, target)
            if problem:
                yield Finding(path, ctext.line_of(text, match.start()), "markdown-link", problem)


def _broken(tree, path, target):
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    name, _, anchor = target.partition("#")
    goal = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
    if goal.startswith("..") or not os.path.exists(os.path.join(tree.root, goal)):
        return f"{target} leads nowhere"
    if anchor and goal.endswith(".md") and anchor not in _anchors(tree.text(goal)):
        return f"{target}: no such heading"
    return None


def decision_index(tree):
    """Every decision stands in the index, under a number of its own."""
    seen = {}
    index = "docs/decisions/README.md"
    for path in tree.paths:
        match = re.match(r"docs/decisions/((\d{4})-[a-z0-9-]+\.md)$", path)
        if not match:
            continue
        if match.group(2) in seen:
            yield Finding(path, 1, "decision-index", f"number {match.group(2)} is taken by {seen[match.group(2)]}")
        seen[match.group(2)] = path
        if index not in tree.paths or f"({match.group(1)})" not in tree.text(index):
            yield Finding(path, 1, "decision-index", f"{index} does not list it")


RULES = {
    "spdx": spdx, "file-length": file_length, "function-length": function_length,
    "machine-path": machine_path, "registry-host": registry_host, "markdown-link": markdown_links,
    "decision-index": decision_index,
}
