# SPDX-License-Identifier: Apache-2.0
"""Daemons as children of this process: started, waited for, ended by their own pid."""
import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def _end_with_parent():
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One daemon with its log file. What it logged survives its end."""

    def __init__(self, name, argv, log_path, environment=None):
        self.name, self.argv, self.log_path = name, argv, log_path
        self.environment = environment or {}
        self.child, self.log_start, self.starts = None, 0, 0

    def start(self, **environment):
        """environment: for this start alone, beside the process's own."""
        with open(self.log_path, "ab") as log:
            self.log_start = log.tell()
            self.child = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.environment, **environment},
                start_new_session=True, preexec_fn=_end_with_parent)
        self.starts += 1

    @property
    def pid(self):
        return self.child.pid if self.child else None

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def logged(self):
        """What this start has logged so far."""
        with open(self.log_path, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode("utf-8", "replace")

    def wait_ready(self, seconds=20):
        """Until the daemon says that it is ready. RuntimeError with its last lines otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if " ready" in self.logged():
                return
            if not self.alive():
                break
            time.sleep(0.02)
        state = "is not ready" if self.alive() else f"ended with status {self.child.returncode}"
        tail = "\n".join(self.logged().splitlines()[-8:])
        raise RuntimeError(f"{self.name} {state}; its log {self.log_path} ends:\n{tail}")

    def kill(self):
        """SIGKILL, and reaped."""
        if self.alive():
            self.child.kill()
        if self.child:
            self.child.wait()

    def stop(self, seconds=5):
        """SIGTERM, then SIGKILL for one that does not listen."""
        if not self.alive():
            return
        self.child.terminate()
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def run_tool(argv, text=None):
    """Runs a command to its end and returns its standard output; RuntimeError with what it said."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise RuntimeError(f"{' '.join(argv[:3])}: exit {done.returncode}: {said}")
    return done.stdout
