# SPDX-License-Identifier: Apache-2.0
"""The control socket of darvaza-simulator: one command a line, one answer a line."""
import os
import socket

# ICAO Doc 9303 part 4, the specimen of the fictitious state Utopia.
SPECIMEN = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


# The same as a page, before a camera.
SPECIMEN_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "packaging", "demo",
                             "specimen-page.jpg")


class Simulator:
    def __init__(self, path):
        self.path = path

    def command(self, line, seconds=15):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.settimeout(seconds)
            peer.connect(self.path)
            peer.sendall(line.encode("ascii") + b"\n")
            with peer.makefile("r", encoding="utf-8") as answers:
                answer = answers.readline().strip()
        if not answer.startswith("ok"):
            raise RuntimeError(f"simulator: {line.split(' ')[0]}: {answer or 'no answer'}")
        return answer[2:].strip()

    def lay(self, rows, frame=None):
        words = ["lay"] + ([f"frame={frame}"] if frame else []) + list(rows)
        return self.command(" ".join(words))

    def show(self, picture):
        """Holds a JPEG before the camera."""
        return self.command(f"show {picture}")

    def devices_pid(self):
        """None while it is being started (a pid of 0 would mean the caller's whole group)."""
        return int(self.command("pid").split()[0]) or None
