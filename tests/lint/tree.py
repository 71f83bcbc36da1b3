# SPDX-License-Identifier: Apache-2.0
"""The tree as the rules see it: which files there are, their text, and what a finding is."""
import os
import shutil
import subprocess
from dataclasses import dataclass, field

FIXTURES = "tests/lint/fixtures/"
SKIPPED_DIRS = {".git", "node_modules", "__pycache__", ".cache"}


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclass
class Tree:
    root: str
    paths: list = field(default_factory=list)
    _texts: dict = field(default_factory=dict)

    @classmethod
    def load(cls, root):
        root = os.path.abspath(root)
        paths = sorted(_tracked(root) or _walked(root))
        paths = [p for p in paths if not p.startswith(FIXTURES)]
        return cls(root, [p for p in paths if os.path.isfile(os.path.join(root, p))])

    def text(self, path):
        """The file as text; "" for one that is not UTF-8 (images, corpora)."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as handle:
                raw = handle.read()
            try:
                self._texts[path] = "" if b"\0" in raw else raw.decode("utf-8")
            except UnicodeDecodeError:
                self._texts[path] = ""
        return self._texts[path]

    def lines(self, path):
        return self.text(path).split("\n")

    def ending(self, *suffixes):
        return [p for p in self.paths if p.endswith(suffixes)]


def _tracked(root):
    """Tracked and new files of a git checkout; None without git or a checkout's top."""
    if not os.path.exists(os.path.join(root, ".git")) or not shutil.which("git"):
        return None
    names = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
                           check=False, capture_output=True)
    return names.stdout.decode().split("\0")[:-1] if names.returncode == 0 else None


def _walked(root):
    found = []
    for folder, dirs, files in os.walk(root):
        dirs[:] = [d for d in dirs if d not in SKIPPED_DIRS and not d.startswith("build")]
        found += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return found
