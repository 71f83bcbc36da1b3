# SPDX-License-Identifier: Apache-2.0
"""Strikes a running checkpoint: SIGKILL at random moments and at named points, and cut lines.

Every blow is written down with what the victim and the booth were doing, as the mapped fault state
files say (common/base/include/darvaza/fault.h), so that a test can tell what was never struck.
"""
import os
import signal
import sqlite3
import threading
import time
from collections import Counter

# The states of lane and outbox, and the steps of a record's way. Each must have been struck.
POINTS = {
    "booth": ["lane.idle", "lane.reading", "lane.checking", "lane.deciding", "lane.recorded",
              "lane.fault", "outbox.before_insert", "outbox.before_commit", "outbox.after_commit",
              "outbox.before_acknowledge", "outbox.acknowledged", "queue.empty", "queue.queued",
              "queue.in_flight", "queue.acknowledged"],
    "uplink": ["uplink.sending", "uplink.sent", "uplink.delivered"],
    "backend": ["ingest.received", "ingest.enqueued", "ingest.before_commit",
                "ingest.after_commit", "ingest.receipted"],
}
VICTIMS = ["booth", "uplink", "backend", "opener", "devices"]
LINE = 64


class Damage:
    """The outbox's head made unreadable and put right again: what brings the lane into fault."""

    def __init__(self, outbox_path):
        self.path, self.link = outbox_path, None

    def _set(self, link):
        with sqlite3.connect(self.path, timeout=10) as outbox:
            outbox.execute("PRAGMA ignore_check_constraints = ON")
            outbox.execute("UPDATE head SET link = ?", (link,))
        outbox.close()

    def do(self):
        with sqlite3.connect(self.path, timeout=10) as outbox:
            self.link = outbox.execute("SELECT link FROM head").fetchone()[0]
        outbox.close()
        self._set(b"")

    def undo(self):
        if self.link is not None:
            self._set(self.link)
            self.link = None


class Executioner:
    def __init__(self, checkpoint, proxy, chance, fault_dir):
        self.checkpoint, self.proxy, self.chance = checkpoint, proxy, chance
        self.fault_dir = fault_dir
        self.kills, self.cuts, self.crashes = 0, 0, []
        self.struck, self.blows, self.armed = Counter(), [], {}
        self.damage = Damage(checkpoint.layout.path("kiosk", "outbox.db"))
        self.aims = [(v, p) for v, points in POINTS.items() for p in points if p != "queue.empty"]
        chance.shuffle(self.aims)
        self.ending, self.ended = threading.Event(), threading.Event()
        self.failure = None

    def never_struck(self):
        return sorted(p for points in POINTS.values() for p in points if not self.struck[p])

    # ---- one blow

    def _states(self, name):
        """{family: point} of the last points that a process passed."""
        try:
            with open(os.path.join(self.fault_dir, name), "rb") as handle:
                raw = handle.read()
        except FileNotFoundError:
            return {}
        lines = [raw[i:i + LINE].split(b"\n")[0].strip().decode() for i in range(0, len(raw), LINE)]
        return {line.split(".")[0]: line for line in lines if line}

    def _note(self, victim, how):
        """Written down while the victim is dead and before it starts again."""
        self.kills += 1
        own = self._states(victim)
        booth = own if victim == "booth" else self._states("booth")
        for point in own.values():
            self.struck[point] += 1
        self.blows.append({"victim": victim, "how": how, "at": sorted(own.values()),
                           "lane": booth.get("lane"), "outbox": booth.get("queue")})

    def _restart(self, name, aim=None, at_pass=1):
        process = self.checkpoint.processes[name]
        if aim:
            self.armed[name] = aim
            process.start(DARVAZA_FAULT_KILL=f"{aim}:{at_pass}")
        else:
            process.start()
        try:
            process.wait_ready()
        except RuntimeError:
            if not self._was_struck(name):
                raise
            self.collect()

    def _was_struck(self, name):
        process = self.checkpoint.processes[name]
        return not process.alive() and process.child.returncode == -signal.SIGKILL

    def strike_first_start(self):
        """The booth's very first start is the only one with an empty outbox."""
        self._restart("booth", "queue.empty")
        if "booth" in self.armed:
            raise RuntimeError("the booth's first start never passed queue.empty")

    def kill(self, name, aim=None):
        if name == "devices":
            self._kill_devices()
            return
        self.checkpoint.processes[name].kill()
        self._note(name, "random")
        self._disarm(name)
        time.sleep(self.chance.choice((0, 0, 0.05, 0.3)))
        self._restart(name, aim, 1 if aim == "lane.fault" else self.chance.choice((1, 1, 2)))

    def _kill_devices(self):
        """darvaza-devices itself, not the desk that it sees; the simulator starts it again."""
        try:
            pid = self.checkpoint.simulator.devices_pid()
            if pid is None:
                return
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError, RuntimeError):
            return  # it was not running just now
        self._note("devices", "random")

    def _disarm(self, name):
        aim = self.armed.pop(name, None)
        if aim == "lane.fault":
            self.damage.undo()
        if aim and not self.struck[aim]:
            self.aims.append((name, aim))

    def collect(self):
        """Starts again whatever ended by an aimed blow; anything else that ended is a crash."""
        for name, process in self.checkpoint.processes.items():
            if process.child is None or process.alive():
                continue
            if self._was_struck(name) and name in self.armed:
                self._note(name, "aimed")
            else:
                self.crashes.append(f"{name} ended with status {process.child.returncode}")
            self._disarm(name)
            self._restart(name)

    def cut(self):
        self.cuts += 1
        how = self.chance.randrange(3)
        if how == 0:
            self.proxy.drop()
        elif how == 1:
            self.proxy.cut_in(self.chance.randrange(1, 20000))
        else:
            self.proxy.go_dark(True)
            time.sleep(self.chance.uniform(0.1, 0.8))
            self.proxy.go_dark(False)

    # ---- the sequence of blows

    def _await_aim(self, name, seconds=12):
        deadline = time.monotonic() + seconds
        while name in self.armed and time.monotonic() < deadline and not self.ending.is_set():
            time.sleep(0.02)
            self.collect()

    def _aimed_blow(self):
        name, point = self.aims.pop()
        if self.struck[point] and self.chance.random() < 0.5:
            return
        self.kill(name, point)
        if point == "lane.fault" and name in self.armed:
            self.damage.do()
        self._await_aim(name)
        if name in self.armed:
            self.kill(name)  # the point did not come; its turn comes again

    def _run(self):
        try:
            while not self.ending.is_set():
                self.ending.wait(self.chance.uniform(0.02, 0.5))
                self.collect()
                if self.aims and self.chance.random() < 0.6:
                    self._aimed_blow()
                elif self.chance.random() < 0.7:
                    self.kill(self.chance.choice(VICTIMS))
                else:
                    self.cut()
        except (RuntimeError, OSError, sqlite3.Error) as error:
            self.failure = f"{type(error).__name__}: {error}"
        self.ended.set()
        threading.Event().wait()  # a child ends with the thread that started it

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def finish(self):
        """No more blows: everything stands and is connected again."""
        self.ending.set()
        if not self.ended.wait(60):
            self.failure = "the blows did not end"
        for name in list(self.armed):
            self.kill(name)
        self.collect()
        self.proxy.go_dark(False)
