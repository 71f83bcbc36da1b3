#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the rules that a machine can keep. Prints file:line: [rule] message; exit 1 on a finding.

usage: lint.py [--root DIR] [--rule RULE]... [--list]
"""
import argparse
import sys

sys.dont_write_bytecode = True
import rules_c  # noqa: E402
import rules_layers  # noqa: E402
import rules_tree  # noqa: E402
from tree import Tree  # noqa: E402

RULES = {**rules_layers.RULES, **rules_c.RULES, **rules_tree.RULES}


def lint(root, names=None):
    tree = Tree.load(root)
    found = set()
    for name in names or RULES:
        found.update(RULES[name](tree))
    return sorted(found), len(tree.paths)


def main():
    parser = argparse.ArgumentParser(description="lint suite")
    parser.add_argument("--root", default=".")
    parser.add_argument("--rule", action="append", choices=sorted(RULES))
    parser.add_argument("--list", action="store_true", help="print the rules' names")
    options = parser.parse_args()
    if options.list:
        print("\n".join(RULES))
        return 0
    found, count = lint(options.root, options.rule)
    for finding in found:
        print(finding)
    print(f"{len(found)} findings in {count} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
