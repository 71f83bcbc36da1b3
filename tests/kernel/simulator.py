# SPDX-License-Identifier: Apache-2.0
"""darvaza-simulator with its devices for a QEMU guest (docs/formats/simulator-control.md)."""
import os
import shutil
import socket
import subprocess
import tempfile
import time

PORTS = range(1, 10)
PATIENCE_S = 120


class Refused(Exception):
    """What the simulator answered instead of ok."""


class Simulator:
    """with Simulator(program) as simulator: simulator.ask("plug port=1-1 model=cdc-acm")"""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="dvs-", dir="/tmp")
        self.control = os.path.join(self.folder, "control")
        self.log = open(os.path.join(self.folder, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--control", self.control, "--unplugged", "--transport",
             f"redir:{self.folder}"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.lines = None

    def __enter__(self):
        end = time.monotonic() + PATIENCE_S
        stream = socket.socket(socket.AF_UNIX)
        while True:
            try:
                stream.connect(self.control)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise
                time.sleep(0.02)
        stream.settimeout(PATIENCE_S)
        self.lines = stream.makefile("rw", encoding="utf-8")
        return self

    def __exit__(self, *_):
        if self.lines is not None:
            self.lines.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def qemu_arguments(self):
        """A host controller whose ports 1 to 9 are the simulator's 1-1 to 1-9."""
        words = ["-device", "qemu-xhci,id=usb,p2=15,p3=15"]
        for number in PORTS:
            words += ["-chardev", f"socket,id=redir{number},reconnect=1,"
                                  f"path={self.folder}/1-{number}.sock",
                      "-device", f"usb-redir,chardev=redir{number},bus=usb.0,port={number}"]
        return words

    def send(self, command):
        self.lines.write(command + "\n")
        self.lines.flush()
        answer = self.lines.readline().strip()
        if not answer:
            raise Refused(f"{command}: the simulator is gone")
        return answer

    def ask(self, command):
        """The words after ok."""
        answer = self.send(command)
        if answer.split()[0] != "ok":
            raise Refused(f"{command}: {answer}")
        return answer.split()[1:]

    def models(self, kind):
        """Names of all models that it has: kind is reader or camera."""
        return [word.split("=")[0] for word in self.ask("models") if word.endswith("=" + kind)]
