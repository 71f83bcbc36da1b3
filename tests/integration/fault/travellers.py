# SPDX-License-Identifier: Apache-2.0
"""An officer who works on whatever happens to the machines, and remembers what "recorded" said."""
import http.client
import time

from checkpoint.simulator import SPECIMEN
from checkpoint.web import HttpError, Session

TROUBLE = (OSError, http.client.HTTPException, RuntimeError)


class Officer:
    def __init__(self, checkpoint, chance, patience=60):
        self.checkpoint, self.chance, self.patience = checkpoint, chance, patience
        self.session = None
        self.recorded = []  # crossing ids for which the booth answered "recorded"
        self.asked = 0      # decisions whose answer never came

    def _signed_in(self):
        if self.session is None:
            session = Session(self.checkpoint.booth_url, timeout=10)
            session.sign_in("officer", self.checkpoint.layout.passwords["officer"])
            self.session = session
        return self.session

    def _try(self, action):
        """The action's result; None when the booth was away or the session gone."""
        try:
            return action(self._signed_in())
        except HttpError as error:
            if error.status in (401, 403, 429, 503):
                self.session = None
            elif error.status not in (404, 409, 500, 507):
                raise
        except TROUBLE:
            self.session = None
        time.sleep(0.05)
        return None

    def _lay(self):
        """Lays the specimen; a reader that is not plugged in is plugged in for the next time."""
        try:
            self.checkpoint.simulator.lay(SPECIMEN)
        except TROUBLE:
            self._ask_desk("plug")
            time.sleep(0.1)

    def _lay_unreadable(self):
        """The reader is pulled out under a document: the lane goes to reading and back to idle."""
        self._ask_desk("unplug mid-line")
        self._lay()

    def _ask_desk(self, command):
        try:
            self.checkpoint.simulator.command(command)
        except TROUBLE:
            pass  # as it was: the desk refuses what is so already

    def _verdict(self, seconds):
        """The crossing that waits for a decision; None when none came in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self._try(lambda s: s.get("/api/state"))
            if state and state["lane"] == "deciding" and state["crossing"]:
                return state["crossing"]
            if state and state["lane"] == "fault":
                self._try(lambda s: s.post("/api/recover"))
            time.sleep(0.02)
        return None

    def _settle(self, crossing_id):
        """Decides; after a lost answer asks what became of it. TRUE: "recorded" was answered."""
        body = {"crossing_id": crossing_id, "decision": "ADMIT", "note": "fault test"}
        answer = self._try(lambda s: s.post("/api/decision", body))
        if answer:
            return answer["recorded"]
        self.asked += 1
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            answer = self._try(lambda s: s.get(f"/api/crossings/{crossing_id}"))
            if answer is not None:
                return answer["recorded"]
        raise RuntimeError(f"the booth did not come back within {self.patience} s")

    def one_crossing(self):
        """One traveller until "recorded"; a crossing that a blow threw off the lane is begun anew."""
        time.sleep(self.chance.uniform(0, 0.3))
        if self.chance.random() < 0.2:
            self._lay_unreadable()
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            crossing = self._verdict(0.05)
            if crossing is None:
                self._lay()
                crossing = self._verdict(2)
            if crossing and self._settle(crossing["crossing_id"]):
                self.recorded.append(crossing["crossing_id"])
                return
        raise RuntimeError(f"no crossing could be recorded within {self.patience} s")

    def wait_sent(self, seconds):
        """Until the booth says that nothing waits for the centre."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self._try(lambda s: s.get("/api/state"))
            if state and state["banner"]["unsent"] == 0:
                return True
            time.sleep(0.1)
        return False
