#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza simulate from outside, with cameras and USB/IP: a simulator that runs no program."""
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SIMULATOR, DARVAZA = map(os.path.abspath, sys.argv[1:3])
del sys.argv[1:3]
PATIENCE_S = 20


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class WithDesk(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.control = os.path.join(self.folder.name, "control")
        self.port = free_port()
        self.simulator = subprocess.Popen(
            [SIMULATOR, "--transport", f"usbip:{self.port}", "--control", self.control,
             "--model", "uvc-iso"], stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        end = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.control):
            self.assertLess(time.monotonic(), end)
            self.assertIsNone(self.simulator.poll())
            time.sleep(0.01)

    def stop(self):
        self.simulator.terminate()
        self.simulator.wait(PATIENCE_S)

    def run_tool(self, *words):
        """(exit status, what was printed)"""
        done = subprocess.run([DARVAZA, "simulate", "--control", self.control, *words],
                              capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        return done.returncode, done.stdout + done.stderr

    def expect(self, words, status, text):
        got = self.run_tool(*words.split())
        self.assertEqual(got[0], status, got)
        self.assertIn(text, got[1])


class Desk(WithDesk):
    def test_status_is_a_table(self):
        self.expect("plug port=1-2 model=cdc-tlv", 0, "ok")
        status, text = self.run_tool("status")
        self.assertEqual(status, 0)
        self.assertEqual([line.split() for line in text.splitlines()],
                         [["1-1", "uvc-iso", "plugged", "0", "frames"],
                          ["1-2", "cdc-tlv", "plugged"]])
        self.expect("unplug", 0, "ok")
        self.expect("unplug port=1-2", 0, "ok")
        self.expect("status", 0, "nothing is plugged in")

    def test_camera(self):
        self.expect("frames", 0, "ok 0 0")
        self.expect("fps 10", 0, "ok")
        self.expect("fps many", 1, "many is no rate")
        self.expect("spoil count=2 kind=short", 0, "ok")
        self.expect("spoil kind=ink", 1, "kind is none of")
        self.expect("stall", 1, "isochronous")
        self.expect("lay /dev/null", 1, "no document")
        self.expect("plug port=1-2 model=cdc-acm", 0, "ok")
        self.expect("frames port=1-2", 1, "no camera")
        self.expect("frames", 0, "ok 0 0")

    def test_a_camera_reads_no_document(self):
        path = os.path.join(self.folder.name, "document")
        with open(path, "w", encoding="ascii") as file:
            file.write("L898902C36UTO7408122F1204159ZE184226B<<<<<10\n")
        self.expect(f"lay {path}", 1, "no reader of documents")

    def test_show_is_seen_from_here(self):
        path = os.path.join(self.folder.name, "no picture.jpg")
        with open(path, "w", encoding="ascii") as file:
            file.write("no picture")
        done = subprocess.run([DARVAZA, "simulate", "--control", self.control, "show",
                               "no picture.jpg"], capture_output=True, text=True, check=False,
                              cwd=self.folder.name, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no JPEG file", done.stderr)
        os.unlink(path)
        self.expect(f"show {self.folder.name}/gone.jpg", 1, "gone.jpg")
        self.expect("show", 0, "ok")

    def test_what_this_transport_has_not(self):
        self.expect("permit no", 1, "no file modes")
        self.expect("announce", 1, "no announcements")
        self.expect("restart", 1, "runs no program")
        self.expect("pid", 0, "ok 0")


class Attaching(WithDesk):
    """The kernel's virtual host controller is played by two files."""

    def setUp(self):
        super().setUp()
        self.vhci = os.path.join(self.folder.name, "vhci")
        os.mkdir(self.vhci)
        self.write("status", "hub port sta spd dev      sockfd local_busid\n"
                             "hs  0000 006 003 00010002 000003 1-1\n"
                             "hs  0001 004 000 00000000 000000 0-0\n"
                             "ss  0008 004 000 00000000 000000 0-0\n")
        self.write("attach", "")

    def write(self, name, text):
        with open(os.path.join(self.vhci, name), "w", encoding="ascii") as file:
            file.write(text)

    def attach(self, *words):
        return self.run_tool("attach", f"vhci={self.vhci}", f"usbip=127.0.0.1:{self.port}", *words)

    def test_takes_the_first_free_port(self):
        self.assertEqual(self.attach(), (0, "ok 1\n"))
        with open(os.path.join(self.vhci, "attach"), encoding="ascii") as file:
            port, _, device, speed = file.read().split()
        self.assertEqual((port, device, speed), ("1", str(1 << 16 | 2), "3"))

    def test_refusals(self):
        self.assertIn("nothing is plugged in at 1-2", self.attach("port=1-2")[1])
        self.assertIn("attach has no x=1", self.attach("x=1")[1])
        self.write("status", "hub port\nhs  0000 006 003 00010002 000003 1-1\n")
        self.assertIn("ports of the virtual host controller are taken", self.attach()[1])
        os.unlink(os.path.join(self.vhci, "status"))
        status, text = self.attach()
        self.assertEqual(status, 1)
        self.assertIn("modprobe vhci-hcd", text)


if __name__ == "__main__":
    unittest.main()
