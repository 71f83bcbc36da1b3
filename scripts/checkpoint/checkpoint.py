# SPDX-License-Identifier: Apache-2.0
"""A running checkpoint: its processes in order, and the two people's view of it."""
import os
import time

from .layout import ROOT
from .processes import Process
from .simulator import Simulator
from .web import HttpError, Session

# In the order of starting; stopped in reverse.
ORDER = ["protection", "opener", "backend", "devices", "booth", "uplink"]
DAEMON = {"protection": "darvaza-opener", "opener": "darvaza-opener", "backend": "darvaza-backend",
          "booth": "darvaza-booth", "uplink": "darvaza-uplink", "lists": "darvaza-lists"}


def wait_for(what, test, seconds=30, every=0.05):
    """The first true value that test gives; RuntimeError naming what never came."""
    deadline = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(every)


class Checkpoint:
    def __init__(self, layout, simulator=True, environment=None):
        """environment: {process: {variable: value}} beside the inherited one."""
        self.layout = layout
        self.has_simulator = simulator and layout.has("darvaza-simulator")
        self.simulator = Simulator(layout.path("run", "simulator"))
        self.processes = {}
        self.next_release = None  # of the watchlists, waiting for people's signatures
        # A complaint of GLib is a defect and ends the process; umockdev, which runs within the
        # simulator, makes some of its own when a device's user is killed.
        self.order = (["lists"] if layout.signed_lists else []) + ORDER
        for name in self.order:
            self.processes[name] = Process(
                name, self._argv(name), layout.path("log", name + ".log"),
                {"G_DEBUG": "" if name == "devices" else "fatal-criticals",
                 **(environment or {}).get(name, {})})

    def _argv(self, name):
        config = self.layout.path("conf", name + ".ini")
        if name != "devices":
            return [self.layout.binary(DAEMON[name]), "--config", config]
        devices = [self.layout.binary("darvaza-devices"), "--config", config]
        if not self.has_simulator:
            return devices
        model = ["--model", "uvc-bulk"] if self.layout.camera else []
        return [self.layout.binary("darvaza-simulator"), "--control",
                self.layout.path("run", "simulator"), *model, "--", *devices]

    def start(self, say=lambda text: None):
        for name in self.order:
            say(f"starting {os.path.basename(self.processes[name].argv[0])} ({name})")
            self.processes[name].start()
            self.processes[name].wait_ready()
        if self.layout.signed_lists:
            self._release_lists()
            say("waiting for the signed watchlists to be fetched, proven and put in force")
            wait_for("the signed watchlists", lambda: os.path.exists(
                self.layout.path("kiosk", "lists", "current.json")))

    def _release_lists(self):
        """Release 1, unless a release stands from the start before; and a next draft behind it."""
        lists = self.layout.lists
        people = {user: self.console(user) for user in ("it", "editor", "approver")}
        stands = people["it"].get("/api/lists")["in_force"]
        if not stands:
            lists.release(1, people)
        if not os.path.exists(lists.draft(2)):
            lists.draft_next()
        self.next_release = 2 if not stands or stands["release"] < 2 else None

    def stop(self):
        for name in reversed(self.order):
            self.processes[name].stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- what people do

    @property
    def booth_url(self):
        return f"http://127.0.0.1:{self.layout.ports.booth}"

    @property
    def console_url(self):
        return f"https://localhost:{self.layout.ports.console}"

    @property
    def authority(self):
        return self.layout.path("pki", "trust", "ca.pem")

    def officer(self, seconds=30):
        """Signed in at the booth as soon as the accounts have come from the centre."""
        session = Session(self.booth_url)
        wait_for("the officers' accounts from the centre",
                 lambda: session.get("/api/session").get("accounts_until"), seconds)
        session.sign_in("officer", self.layout.passwords["officer"])
        return session

    def console(self, user):
        session = Session(self.console_url, ca_file=self.authority)
        session.sign_in(user, self.layout.passwords[user])
        return session

    @staticmethod
    def verdict(officer, seconds=30):
        """The crossing on the lane once it waits for a decision."""
        state = wait_for("a verdict", lambda: _deciding(officer.get("/api/state")), seconds)
        return state["crossing"]

    @staticmethod
    def decide(officer, crossing_id, decision, **members):
        return officer.post("/api/decision",
                            {"crossing_id": crossing_id, "decision": decision, **members})

    @staticmethod
    def wait_at_centre(officer, crossing_id, seconds=60):
        return wait_for(f"the centre's receipt for {crossing_id}",
                        lambda: _at_centre(officer, crossing_id), seconds)


def _deciding(state):
    return state if state["lane"] == "deciding" and state["crossing"] else None


def _at_centre(officer, crossing_id):
    try:
        answer = officer.get(f"/api/crossings/{crossing_id}")
    except HttpError as error:
        if error.status == 404:
            return None
        raise
    return answer if answer["at_centre"] else None


__all__ = ["Checkpoint", "ROOT", "wait_for"]
