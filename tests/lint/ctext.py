# SPDX-License-Identifier: Apache-2.0
"""C source as the rules want it: comments and literals blanked, functions and calls found."""
import re

_TOKENS = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def blank(text, literals=True):
    """The text with comments (and literals) replaced by blanks; every offset and line stays."""
    def hide(match):
        token = match.group(0)
        if token[0] in "\"'":
            if not literals:
                return token
            return token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)
    return _TOKENS.sub(hide, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def functions(text):
    """[(name, first line, lines)] of every function body, brace to brace."""
    code = blank(text)
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                  code, flags=re.MULTILINE)
    found, depth, start = [], 0, None
    for match in re.finditer(r"[{}]", code):
        if match.group(0) == "{":
            if depth == 0:
                head = code[:match.start()].rstrip()
                start = match.start() if head.endswith(")") else None
            depth += 1
        else:
            depth -= 1
            if depth == 0 and start is not None:
                first, last = line_of(code, start), line_of(code, match.start())
                found.append((_name_before(code, start), first, last - first + 1))
                start = None
    return found


def _name_before(code, brace):
    depth, at = 0, code.rindex(")", 0, brace)
    while at >= 0:
        depth += {")": 1, "(": -1}.get(code[at], 0)
        if depth == 0:
            break
        at -= 1
    match = re.search(r"(\w+)\s*$", code[:at])
    return match.group(1) if match else "?"


def calls(text, name_pattern):
    """[(name, line, arguments as written)] of every call whose name matches."""
    code = blank(text)
    found = []
    for match in re.finditer(r"\b(" + name_pattern + r")\s*\(", code):
        depth, at = 1, match.end()
        while at < len(code) and depth:
            depth += {"(": 1, ")": -1}.get(code[at], 0)
            at += 1
        found.append((match.group(1), line_of(code, match.start()), text[match.end():at - 1]))
    return found
