# SPDX-License-Identifier: Apache-2.0
"""The folders, keys, accounts, lists and settings of one checkpoint on one machine."""
import glob
import json
import os
import secrets
import shutil
import socket
from dataclasses import dataclass, field

from .lists import KIOSK, Lists
from .processes import run_tool

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE, LANE = "UTDEMO", "lane-1"
BINARIES = {
    "darvaza": "tools/darvaza",
    "darvaza-booth": "kiosk/booth/darvaza-booth",
    "darvaza-uplink": "kiosk/uplink/darvaza-uplink",
    "darvaza-lists": "kiosk/lists/darvaza-lists",
    "darvaza-devices": "drivers/service/darvaza-devices",
    "darvaza-vision": "drivers/vision/darvaza-vision",
    "darvaza-simulator": "drivers/simulator/darvaza-simulator",
    "darvaza-backend": "backend/server/darvaza-backend",
    "darvaza-opener": "backend/opener/darvaza-opener",
}
# (account, name shown, role, whose opener knows it)
PEOPLE = [("officer", "Demo Officer", "officer", "centre"),
          ("supervisor", "Demo Supervisor", "supervisor", "centre"),
          ("it", "Demo IT", "it", "centre"),
          ("editor", "Demo Watchlist Editor", "watchlist_editor", "centre"),
          ("approver", "Demo Watchlist Approver", "watchlist_approver", "centre"),
          ("protection", "Demo Protection Unit", "protection", "protection")]
_WORDS = ("amber basalt cedar delta ember falcon garnet harbour indigo juniper kestrel lagoon "
          "meadow nutmeg onyx pepper quartz russet saffron timber umber violet walnut").split()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_password():
    return "-".join(secrets.choice(_WORDS) for _ in range(4)) + f"-{secrets.randbelow(900) + 100}"


@dataclass
class Ports:
    booth: int = field(default_factory=free_port)
    ingest: int = field(default_factory=free_port)
    console: int = field(default_factory=free_port)

    @classmethod
    def from_base(cls, base):
        return cls(base, base + 1, base + 2)


class Layout:
    """Paths below one state folder; makes what is missing and keeps what is there."""

    def __init__(self, build, state, ports=None, training=True, signed_lists=False, camera=False):
        self.build, self.state = os.path.abspath(build), os.path.abspath(state)
        self.ports, self.training = ports or Ports(), training
        self.uplink_target = self.ports.ingest  # a test puts its proxy here
        # Lists as they come in the field: signed, released, fetched and proven by darvaza-lists.
        self.signed_lists, self.lists = signed_lists, None
        self.camera = camera  # documents are held before a camera instead of laid on a reader
        self.passwords = {}

    def binary(self, name):
        return os.path.join(self.build, BINARIES[name])

    def has(self, name):
        return os.access(self.binary(name), os.X_OK)

    def path(self, *parts):
        return os.path.join(self.state, *parts)

    def tool(self, *words):
        return run_tool([self.binary("darvaza"), *words])

    def prepare(self, say=lambda text: None):
        for folder in ("", "conf", "run", "log", "centre", "protection", "kiosk", "kiosk/lists"):
            os.makedirs(self.path(folder), mode=0o700, exist_ok=True)
        if not os.path.exists(self.path("pki", "trust")):
            say("making keys (darvaza pki init)")
            self.tool("pki", "init", self.path("pki"), "--kiosk", KIOSK)
        self._make_accounts(say)
        if self.signed_lists:
            self._release_lists(say)
        else:
            self._build_lists(say)
        self.write_settings()

    def _make_accounts(self, say):
        if os.path.exists(self.path("sign-ins")):
            with open(self.path("sign-ins"), encoding="utf-8") as handle:
                self.passwords = dict(line.split() for line in handle)
            return
        say("making accounts (darvaza account add)")
        for unit in ("centre", "protection"):
            self.tool("account", "kiosk", "--state", self.path(unit), "--kiosk", KIOSK,
                      "--checkpoint", PLACE)
        for user, display, role, unit in PEOPLE:
            self.passwords[user] = make_password()
            self._add_account(user, display, role, unit)
        with open(self.path("sign-ins"), "w", encoding="utf-8", opener=_private) as handle:
            handle.writelines(f"{user} {word}\n" for user, word in self.passwords.items())

    def _add_account(self, user, display, role, unit):
        secret = self.path("password")
        try:
            with open(secret, "w", encoding="utf-8", opener=_private) as handle:
                handle.write(self.passwords[user])
            self.tool("account", "add", "--state", self.path(unit), "--user", user, "--display",
                      display, "--role", role, "--checkpoints", PLACE, "--password-file", secret)
        finally:
            os.remove(secret)

    def _release_lists(self, say):
        self.lists = Lists(self, os.path.join(ROOT, "packaging/demo/lists/*.jsonl"), say)
        self.lists.prepare()
        shutil.copyfile(self.lists.root, self.path("kiosk/root.json"))

    def _build_lists(self, say):
        """As unsigned lists, put in force by hand."""
        if os.path.exists(self.path("kiosk/lists/current.json")):
            return
        os.makedirs(self.path("kiosk/lists/layers"), mode=0o700, exist_ok=True)
        lists = []
        for source in sorted(glob.glob(os.path.join(ROOT, "packaging/demo/lists/*.jsonl"))):
            name = os.path.splitext(os.path.basename(source))[0] + ".dvlist"
            say(f"building the watchlist {name} (darvaza watchlist build)")
            built = json.loads(self.tool("watchlist", "build", source, "--out",
                                         self.path("kiosk/lists/layers", name)))
            lists.append({"list_id": built["list_id"], "version": built["version"],
                          "layers": [name]})
        self._put_in_force(lists)

    def _put_in_force(self, lists):
        current = {"format": 1, "epoch": 0, "release": 0, "installed_at": "", "lists": lists}
        with open(self.path("kiosk/lists/current.json.new"), "w", encoding="utf-8") as handle:
            json.dump(current, handle)
        os.replace(self.path("kiosk/lists/current.json.new"),
                   self.path("kiosk/lists/current.json"))

    def write_settings(self):
        for name, text in self._settings().items():
            with open(self.path("conf", name + ".ini"), "w", encoding="utf-8") as handle:
                handle.write(text)

    def _settings(self):
        s, p = self.state, self.ports
        return {
            "devices": f"[ipc]\nsocket={s}/run/devices\n[lane]\nname={LANE}\n"
                       "[reader]\naccept_test_identity=true\n" +
                       (f"[camera]\ndocument=1-1\n[vision]\nprogram={self.binary('darvaza-vision')}\n"
                        if self.camera else ""),
            "booth": f"[booth]\nkiosk={KIOSK}\ncheckpoint={PLACE}\nstate={s}/kiosk\n"
                     f"lists={s}/kiosk/lists\nkeys={s}/pki/kiosk/{KIOSK}\ntrust={s}/pki/trust\n"
                     f"web_root={ROOT}/kiosk/web\nport={p.booth}\n"
                     f"training={'true' if self.training else 'false'}\n"
                     f"[lane]\nname={LANE}\n[devices]\nsocket={s}/run/devices\n"
                     f"[uplink]\nsocket={s}/run/booth\n" +
                     ("[camera]\ndocument=1-1\n" if self.camera else ""),
            "uplink": f"[booth]\nsocket={s}/run/booth\n"
                      f"[centre]\nurl=https://localhost:{self.uplink_target}\n"
                      f"ca={s}/pki/trust/ca.pem\ncert={s}/pki/kiosk/{KIOSK}/tls.pem\n"
                      f"key={s}/pki/kiosk/{KIOSK}/tls-key.pem\n"
                      "[uplink]\nretry_min_ms=100\nretry_max_ms=2000\nheartbeat_ms=2000\n"
                      "answers_ms=500\naccounts_ms=2000\nlists_ms=500\n" +
                      (f"[lists]\nsocket={s}/run/lists\n" if self.signed_lists else ""),
            "lists": f"[lists]\nkiosk={KIOSK}\nfolder={s}/kiosk/lists\nroot={s}/kiosk/root.json\n"
                     f"keys={s}/pki/kiosk/{KIOSK}\n[update]\ncheck_s=5\n"
                     f"[uplink]\nsocket={s}/run/lists\n[volume]\nallow_unencrypted=true\n",
            "backend": f"[store]\npath={s}/centre/store.db\n"
                       f"[ingest]\nport={p.ingest}\ntls_cert={s}/pki/centre/server.pem\n"
                       f"tls_key={s}/pki/centre/server-key.pem\nclient_ca={s}/pki/trust/ca.pem\n"
                       f"trust={s}/pki/trust\nreceipt_key={s}/pki/centre/receipt-key.pem\n"
                       f"opener_socket={s}/run/opener\n"
                       f"[console]\nport={p.console}\ntls_cert={s}/pki/centre/server.pem\n"
                       f"tls_key={s}/pki/centre/server-key.pem\nweb_root={ROOT}/backend/console/web\n"
                       f"opener_socket={s}/run/opener\nprotection_socket={s}/run/protection\n" +
                       (f"[lists]\nrepository={s}/centre/lists\n" if self.signed_lists else ""),
            "opener": f"[opener]\nmode=centre\nstate={s}/centre\nsocket={s}/run/opener\n"
                      f"keys={s}/pki/centre\ntrust={s}/pki/trust\n"
                      f"protection_socket={s}/run/hold\n" + self._opener_lists(),
            "protection": f"[opener]\nmode=protection\nstate={s}/protection\n"
                          f"socket={s}/run/protection\nkeys={s}/pki/protection\n"
                          f"trust={s}/pki/trust\nhold_socket={s}/run/hold\n",
        }

    def _opener_lists(self):
        """A desk sees few crossings: a dry run that wants twenty would never answer there."""
        s = self.state
        return (f"[lists]\nrepository={s}/centre/lists\ntrust={s}/centre/lists-trust\n"
                f"timestamp_key={s}/pki/centre/timestamp-key.pem\ndry_run_least=1\n"
                if self.signed_lists else "")


def _private(path, flags):
    return os.open(path, flags, 0o600)
