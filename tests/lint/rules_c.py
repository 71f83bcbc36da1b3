# SPDX-License-Identifier: Apache-2.0
"""What C code here does not do."""
import re
import shutil
import subprocess

import ctext
from tree import Finding

C = (".c", ".h")
PRODUCT = ("common/", "drivers/", "kiosk/", "backend/", "tools/")
# Parsers of bytes from outside. A file joins by its name or by a line in this list.
WIRE = re.compile(r"(_proto|_wire|_parse|_parser)\.c$|^common/mrz/[^/]+\.c$")
FORBIDDEN = {
    "goto": "ends in a g_auto cleanup instead",
    "sprintf": "use g_strdup_printf or g_snprintf",
    "vsprintf": "use g_strdup_vprintf",
    "strcpy": "use g_strlcpy or g_strdup",
    "stpcpy": "use g_strlcpy or g_strdup",
    "strcat": "use GString or g_strconcat",
    "strncat": "use GString or g_strconcat",
    "strncpy": "use g_strlcpy",
    "atoi": "use g_ascii_string_to_signed, which reports errors",
    "atol": "use g_ascii_string_to_signed, which reports errors",
    "atoll": "use g_ascii_string_to_signed, which reports errors",
    "strtok": "use g_strsplit",
    "strtok_r": "use g_strsplit",
    "system": "use GSubprocess with an argument vector",
    "popen": "use GSubprocess with an argument vector",
    "gets": "use a bounded read",
    "alloca": "use the heap with a bound",
    "g_alloca": "use the heap with a bound",
    "setjmp": "return an error",
    "longjmp": "return an error",
}
GLIB_THREADS = re.compile(
    r"\b(GMutex|GRecMutex|GRWLock|GCond|GThread|GThreadPool|GAsyncQueue|g_mutex_\w+|g_rec_mutex_\w+"
    r"|g_rw_lock_\w+|g_cond_\w+|g_thread_\w+|g_async_queue_\w+|g_task_run_in_thread\w*)\b")
GOBJECT = re.compile(r"\b(G_DEFINE_(?:ABSTRACT_|FINAL_)?TYPE\w*|G_DECLARE_\w*(?:TYPE|INTERFACE)|"
                     r"G_DEFINE_INTERFACE\w*)\b")
LOG_CALLS = (r"dv_log_(?:debug|info|warning)|g_(?:message|warning|debug|info|critical|error)|"
             r"g_print(?:err)?|g_log\w*|syslog|perror")
# A word of an identifier that holds a traveller's or officer's secrets.
PERSONAL = re.compile(
    r"(?<![a-z])(surname|given_names?|forenames?|holder|full_name|person_name|document_number|"
    r"doc_number|personal_number|optional_data|birth\w*|mrz_?(?:text|line\w*|raw)?|raw_mrz|"
    r"traveller|portrait|plaintext|password|passphrase|session_token|csrf|cookie)(?![a-z])",
    re.IGNORECASE)
# Who may write to the terminal: the command line, tests, and the one file that formats log lines.
MAY_PRINT = re.compile(r"^(tools/|tests/|drivers/simulator/|common/base/(log|daemon|config)\.c$)")


def forbidden_calls(tree):
    for path in tree.ending(*C):
        code = ctext.blank(tree.text(path))
        for word, instead in FORBIDDEN.items():
            tail = r"\b" if word == "goto" else r"\s*\("
            for match in re.finditer(r"(?<![\w.>])" + word + tail, code):
                yield Finding(path, ctext.line_of(code, match.start()), "forbidden-call",
                              f"{word}: {instead}")


def wire_memcpy(tree):
    for path in tree.ending(".c"):
        if path.startswith("tests/") or not WIRE.search(path):
            continue
        for name, line, _ in ctext.calls(tree.text(path), "memcpy|memmove|mempcpy|bcopy"):
            yield Finding(path, line, "wire-memcpy",
                          f"{name} on bytes from outside: use a bounds-checked read")


def glib_threads(tree):
    for path in tree.ending(*C):
        code = ctext.blank(tree.text(path))
        for match in GLIB_THREADS.finditer(code):
            yield Finding(path, ctext.line_of(code, match.start()), "glib-threads",
                          f"{match.group(1)}: ThreadSanitizer cannot see GLib's locks; use pthreads")


def gobject_class(tree):
    for path in tree.ending(*C):
        code = ctext.blank(tree.text(path))
        for match in GOBJECT.finditer(code):
            yield Finding(path, ctext.line_of(code, match.start()), "gobject-class",
                          f"{match.group(1)}: no GObject classes of our own; a plain struct will do")


def personal_log(tree):
    for path in tree.ending(*C):
        if not path.startswith(PRODUCT):
            continue
        for name, line, written in ctext.calls(tree.text(path), LOG_CALLS):
            if path.startswith("tools/") and name in ("g_print", "g_printerr"):
                continue  # a person asked for it at a terminal
            match = PERSONAL.search(ctext.blank(written))
            if match:
                yield Finding(path, line, "personal-log",
                              f"{name} is handed {match.group(1)}: log identifiers only")


def raw_output(tree):
    for path in tree.ending(".c"):
        if not path.startswith(PRODUCT) or MAY_PRINT.match(path) or path.endswith("/main.c"):
            continue
        for name, line, _ in ctext.calls(
                tree.text(path), r"printf|fprintf|vprintf|puts|g_print(?:err)?|g_message|g_warning|syslog"):
            yield Finding(path, line, "raw-output", f"{name}: daemons speak through dv_log_*")


def header_comment(tree):
    for path in tree.ending(".h"):
        if "/include/" not in path:
            continue
        lines = tree.lines(path)
        if "#pragma once" not in lines[:4]:
            yield Finding(path, 2, "header-comment", "a public header begins with #pragma once")
        top = [l for l in lines[1:8] if l.strip() and l != "#pragma once"]
        if not top or not top[0].startswith(("/*", "//")):
            yield Finding(path, 3, "header-comment", "a public header begins with what it is for")


def clang_format(tree):
    paths = tree.ending(*C)
    if not paths or not shutil.which("clang-format"):
        return
    run = subprocess.run(["clang-format", "--dry-run", "--style=file", *paths], cwd=tree.root,
                         capture_output=True, text=True, check=False)
    seen = set()
    for match in re.finditer(r"^([^\s:]+):(\d+):\d+: warning: code should be clang-formatted",
                             run.stderr, re.MULTILINE):
        if match.group(1) not in seen:
            seen.add(match.group(1))
            yield Finding(match.group(1), int(match.group(2)), "clang-format",
                          "run clang-format -i on this file")


RULES = {
    "forbidden-call": forbidden_calls, "wire-memcpy": wire_memcpy, "glib-threads": glib_threads,
    "gobject-class": gobject_class, "personal-log": personal_log, "raw-output": raw_output,
    "header-comment": header_comment, "clang-format": clang_format,
}
