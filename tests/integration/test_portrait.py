#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One traveller before two simulated cameras: the document is read with its portrait, the live portrait is
taken by itself, and the supervisor's opened record holds both, and what the lines were read from; of none of
these pictures anything stands elsewhere in what the run wrote. test_portrait.py BUILD-DIR"""
import base64
import http.client
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint, wait_for  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402


def prepare(build, state):
    layout = Layout(build, state, camera=True)
    layout.prepare()
    for name, text in (("devices", "[camera]\nuse=all\n"),
                       ("booth", "[camera]\ntraveller=1-5\n")):
        with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
            handle.write(text)
    subprocess.run([os.path.join(build, "tests", "support", "travellers-maker"), layout.path("run"),
                    os.path.join(ROOT, "packaging", "demo", "specimen-page.jpg")], check=True)
    return layout


def look(checkpoint, officer, camera):
    """One frame as a page asks for it: (what was seen, JPEG), or None."""
    connection = http.client.HTTPConnection(checkpoint.booth_url.removeprefix("http://"))
    cookie = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
    connection.request("GET", f"/api/view/{camera}?after=0", headers={"Cookie": cookie})
    answer = connection.getresponse()
    body, view = answer.read(), answer.getheader("X-Darvaza-View")
    connection.close()
    return (json.loads(view), body) if answer.status == 200 else None


def is_jpeg(data):
    return data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9" and len(data) > 2000


def traces(data):
    """A piece of a picture in the forms in which it could have been left behind."""
    piece = data[len(data) // 2:][:60]
    return [piece, piece.hex().encode()] + [base64.b64encode(piece[start:start + 48]) for start in range(3)]


def left_behind(state, pictures):
    """(file, picture) for every file below the folder that holds a piece of a picture."""
    found, searched = [], 0
    wanted = {name: traces(data) for name, data in pictures.items()}
    for folder, _, names in os.walk(state):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue  # a socket
            with open(path, "rb") as handle:
                content = handle.read()
            searched += 1
            found += [(os.path.relpath(path, state), picture) for picture, forms in wanted.items()
                      if any(form in content for form in forms)]
    assert searched > 30, searched
    return found


def pictures_of(record):
    scan = record["scan"]
    assert scan["missing"] is None and 0 <= scan["corrections"] <= 132, scan
    texts = {one["kind"]: one["jpeg"] for one in record["portraits"]}
    texts.update(ZONE=scan["zone"], PAGE=scan["page"])
    return {name: base64.b64decode(text) for name, text in texts.items()}


def with_face(checkpoint, officer):
    look(checkpoint, officer, "traveller")
    crossing = officer.get("/api/state")["crossing"]
    return crossing if crossing and crossing["face"]["live"] else None


def run(checkpoint, layout):
    officer = checkpoint.officer()
    simulator = checkpoint.simulator
    simulator.command("plug port=1-5 model=uvc-bulk")
    simulator.command(f"show port=1-5 {layout.path('run', 'traveller.jpg')}")
    view, jpeg = wait_for("a frame of the traveller", lambda: look(checkpoint, officer, "traveller"))
    assert view["width"] == 640 and is_jpeg(jpeg), view
    simulator.command(f"show port=1-1 {layout.path('run', 'page.jpg')}")
    crossing = checkpoint.verdict(officer)
    assert crossing["traveller"]["document_number"] == "L898902C3", crossing["traveller"]
    assert crossing["face"]["document"], "no portrait came with the document"
    crossing = wait_for("the portrait", lambda: with_face(checkpoint, officer))
    assert wait_for("a frame of the document", lambda: look(checkpoint, officer, "document"))
    crossing = wait_for("the comparison's answer", lambda: compared(officer))
    assert crossing["face"]["compared"]["result"] == "off", crossing["face"]
    checkpoint.decide(officer, crossing["crossing_id"], "SECOND_LINE")
    checkpoint.wait_at_centre(officer, crossing["crossing_id"])
    return crossing["crossing_id"]


def compared(officer):
    crossing = officer.get("/api/state")["crossing"]
    return crossing if crossing["face"]["compared"] else None


def opened(checkpoint):
    """The one crossing of the queue, as the supervisor's page opens it."""
    supervisor = checkpoint.console("supervisor")
    item = wait_for("the queue", lambda: supervisor.get("/api/queue")["items"])[0]
    path = f"/api/queue/{item['kiosk']}/{item['epoch']}/{item['seq']}"
    supervisor.post(path + "/claim", {})
    return supervisor.post(path + "/open", {"reason": "reviewing a flagged crossing"})["record"]


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="dv-portrait-") as state:
        layout = prepare(build, state)
        with Checkpoint(layout) as checkpoint:
            checkpoint.start()
            crossing_id = run(checkpoint, layout)
            record = opened(checkpoint)
            pictures = pictures_of(record)
            found = left_behind(state, pictures)
        assert record["crossing_id"] == crossing_id and record["read_by"] == "CAMERA", record["read_by"]
        assert sorted(pictures) == ["DOCUMENT", "LIVE", "PAGE", "ZONE"], sorted(pictures)
        assert all(is_jpeg(one) for one in pictures.values())
        assert len(set(pictures.values())) == 4
        assert len(pictures["ZONE"]) <= 8192 and len(pictures["PAGE"]) <= 24576
        assert record["face"]["missing"] is None and record["face"]["result"] == 4, record["face"]
        found += left_behind(state, pictures)
        assert not found, found
        with open(os.path.join(state, "run", "proof"), "wb") as handle:
            handle.write(b"-" + base64.b64encode(pictures["ZONE"]))
        assert left_behind(state, pictures) == [("run/proof", "ZONE")]  # the search can find
    print("portraits, zone and page are in the record, and nowhere else")


if __name__ == "__main__":
    main()
