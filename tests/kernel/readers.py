# SPDX-License-Identifier: Apache-2.0
"""Every reader of the simulator: what the kernel and the rules make of it, and what the daemon reads."""
from dataclasses import dataclass

from desk import expect

TD3 = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
       "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TD1 = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6",
       "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]


@dataclass(frozen=True)
class Reader:
    """identity: one of the drivers' tables, so that the committed rules apply. setting: what the
    daemon has to be told beside it. faces: what the kernel makes of it until the daemon comes."""
    identity: str
    family: str
    setting: str = ""
    faces: tuple = ()


TTY, WEDGE, RAW = ("tty",), ("input", "hidraw"), ("hidraw",)
READERS = {
    "cdc-acm": Reader("0db5:0139", "cdc-acm", "", TTY),
    "cdc-stx": Reader("05e0:1701", "cdc-acm", "framer=stx", TTY),
    "cdc-soh": Reader("1eab:1306", "cdc-acm", "framer=soh", TTY),
    "cdc-tlv": Reader("1eab:1d06", "cdc-acm", "framer=tlv", TTY),
    "cdc-tlv-asked": Reader("1eab:2006", "cdc-acm", "framer=tlv mode=inquire", TTY),
    "cdc-syn": Reader("0c2e:0720", "cdc-acm", "framer=syn setup=ocrena1! trigger=yes", TTY),
    "hid-keyboard": Reader("0db5:013a", "hid-keyboard", "", WEDGE),
    "hid-pos": Reader("0db5:013b", "hid-pos", "", RAW),
    # No table has it: it is the simulator's own. Served as the manual says for such a device.
    "vendor-bulk": Reader("1209:0009", "vendor-bulk", "family=vendor-bulk"),
}
LOCAL = ["1209:0009"]
PORTS = {name: f"1-{number}" for number, name in enumerate(READERS, 1)}
# What the rules say of each face: owner, and properties for programs that would look at it.
NODES = {"tty": ("660 root darvaza", ["ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"]),
         "hidraw": ("660 root darvaza", []),
         "input": ("600 root root", ["LIBINPUT_IGNORE_DEVICE=1"])}
# How it leaves. The second time, in turn: its transfers fail first, or its line breaks.
SECOND_SHAPES = ("errors", "silent")


def settings():
    return [f"{r.identity} {r.setting}" for r in READERS.values() if r.setting]


def words(model):
    return f"model={model} identity={READERS[model].identity}"


def check_node(desk, model):
    wanted = ["ID_MM_DEVICE_IGNORE=1"]
    if READERS[model].identity not in LOCAL:  # these are not in the hardware database
        wanted += [f"DARVAZA_READER={READERS[model].family}", "ID_AUTOSUSPEND=0"]
    desk.check_node("reader", PORTS[model], wanted)
    power = desk.machine.check(f"cat /sys/bus/usb/devices/{PORTS[model]}/power/control").strip()
    expect(f"{model}: power/control", power, "on")


def check_faces(desk, model):
    for subsystem, (owner, properties) in NODES.items():
        nodes = desk.faces(PORTS[model], subsystem)
        expect(f"{model}: whether it is {subsystem} too", bool(nodes),
               subsystem in READERS[model].faces)
        for node in nodes:
            desk.check_file(PORTS[model], node, owner, properties)


def check_without_daemon(desk):
    """All of them at once on a machine whose daemon has not started."""
    expect("readers that this test knows", sorted(READERS),
           sorted(desk.simulator.models("reader")))
    for model, port in PORTS.items():
        desk.simulator.ask(f"plug port={port} {words(model)}")
    for model in PORTS:
        check_node(desk, model)
        check_faces(desk, model)
        print(f"{model}: nodes, links and properties as the rules say; another user is kept out",
              flush=True)


def keystrokes(desk):
    return int(desk.machine.check("stat -c %s /run/keystrokes"))


def listen_to_wedge(desk):
    """A desktop that would listen: it gets keystrokes while the daemon does not run."""
    node = desk.faces(PORTS["hid-keyboard"], "input")[-1]
    desk.machine.check(f"cat {node} >/run/keystrokes 2>/run/keystrokes.end & "
                       "echo $! >/run/keystrokes.pid")
    desk.simulator.ask(f"lay port={PORTS['hid-keyboard']} wait=60000 {' '.join(TD3)}")
    desk.machine.wait("[ $(stat -c %s /run/keystrokes) -gt 1000 ]", "keystrokes without the daemon")


def check_wedge_is_taken(desk):
    """The listener has lost the keyboard, and there is none that it could listen to instead."""
    expect("keyboards that a desktop could listen to",
           desk.faces(PORTS["hid-keyboard"], "input"), [])
    desk.machine.wait("! kill -0 $(cat /run/keystrokes.pid) 2>/dev/null", "the listener's end")
    before = keystrokes(desk)
    read(desk, "hid-keyboard", TD3)
    expect("bytes of keystrokes that a desktop got", keystrokes(desk), before)
    print("hid-keyboard: the desktop got keystrokes until the daemon came, none since", flush=True)


def read(desk, model, rows):
    start, port = len(desk.events), PORTS[model]
    desk.simulator.ask(f"lay port={port} wait=60000 {' '.join(rows)}")
    row = desk.events.wait(start, lambda row: row["event"] == "document", f"{model}'s document")
    expect(f"{model} at {port}", (row["device"], row["rows"]), (port, rows))
    desk.documents += 1


def pull_mid_document(desk, model, shape):
    start, port = len(desk.events), PORTS[model]
    desk.simulator.ask(f"unplug mid-line port={port} shape={shape}")
    answer = desk.simulator.send(f"lay port={port} wait=60000 {' '.join(TD3)}")
    expect(f"{model}, pulled", answer.split()[0], "cut")
    desk.wait_state(start, port, "gone")
    name = f"/dev/darvaza/reader-{port}"
    desk.machine.wait(f"[ ! -e {name} ]", f"{name} gone")


def go_through(desk, model, shapes):
    """What the field does to a reader: read, halted, pulled out half way and put back."""
    read(desk, model, TD3)
    read(desk, model, TD1)
    desk.simulator.ask(f"stall port={PORTS[model]}")
    read(desk, model, TD1)
    for shape in shapes:
        pull_mid_document(desk, model, shape)
        desk.plug(PORTS[model], words(model))
        read(desk, model, TD3)
    check_node(desk, model)
    print(f"{model}: read, halted, read, pulled out mid-document ({', '.join(shapes)}) and read "
          "again", flush=True)


def go(desk):
    check_wedge_is_taken(desk)
    for number, model in enumerate(PORTS):
        go_through(desk, model, ("gone", SECOND_SHAPES[number % 2]))
    found = sum(row["event"] == "document" for row in desk.events.since(0))
    expect("documents in all", found, desk.documents)
    print(f"{desk.documents} documents laid, as many read, each exactly", flush=True)
