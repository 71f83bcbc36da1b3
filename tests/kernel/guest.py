# SPDX-License-Identifier: Apache-2.0
"""A virtual machine with Debian's kernel: started, asked, ended. The host runs commands in it through
an agent (guest/agent) on a virtio port and reads what programs there write to others. Every wait ends."""
import ctypes
import json
import os
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import packages

QEMU = "qemu-system-x86_64"
# Boot takes 2 s with hardware's help and 7 s without; these are for machines that do other things.
BOOT_S = {"kvm": 60, "tcg": 240}
COMMAND_S = 120
KERNEL_WORDS = "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check audit=0 apparmor=0 ima=off"
# "host" ends at once, and not in a guest that hangs, where a kernel's KVM is not the processor's.
CPU = {"kvm": "host", "tcg": "Nehalem"}


class Failed(Exception):
    """The guest did not do what it was asked for."""


def accelerators():
    """What to try, in order. DARVAZA_ACCELERATOR chooses one."""
    chosen = os.environ.get("DARVAZA_ACCELERATOR")
    if chosen:
        return [chosen]
    return (["kvm"] if os.access("/dev/kvm", os.R_OK | os.W_OK) else []) + ["tcg"]


def _in_child():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: never left behind
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Port:
    """The host's end of one of the guest's ports: a unix socket that QEMU connects to."""

    def __init__(self, folder, name):
        self.name, self.path, self.stream = name, os.path.join(folder, name), None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)

    def arguments(self):
        return ["-chardev", f"socket,id={self.name},path={self.path}", "-device",
                f"virtserialport,chardev={self.name},name=darvaza.{self.name}"]

    def accept(self, patience):
        self.listener.settimeout(patience)
        self.stream = self.listener.accept()[0]
        self.listener.close()

    def close(self):
        for end in (self.stream, self.listener):
            if end is not None:
                end.close()
        if os.path.exists(self.path):
            os.unlink(self.path)


class Events:
    """Lines of JSON from a port, kept as they come."""

    def __init__(self, port):
        self.rows, self.changed = [], threading.Condition()
        self.thread = threading.Thread(target=self._read, args=(port.stream,), daemon=True)
        self.thread.start()

    def _read(self, stream):
        stream.settimeout(None)
        with stream.makefile("r", encoding="utf-8", errors="replace") as lines:
            try:
                for line in lines:
                    with self.changed:
                        self.rows.append(json.loads(line))
                        self.changed.notify_all()
            except (OSError, ValueError):
                return

    def __len__(self):
        with self.changed:
            return len(self.rows)

    def since(self, start):
        with self.changed:
            return self.rows[start:]

    def wait(self, start, wanted, what, patience=COMMAND_S):
        """The first row from start on that wanted(row) is true of."""
        def found():
            return next((row for row in self.rows[start:] if wanted(row)), None)
        with self.changed:
            row = self.changed.wait_for(found, patience)
            if row is None:
                raise Failed(f"waited in vain for {what}; came: {self.rows[start:]}")
            return row


class Guest:
    """with Guest(kernel, image, extra) as guest: guest.check("uname -r")

    image: file of an initramfs that starts the agent. arguments: more words for QEMU. ports: names of
    ports beside the agent's, found in the guest as /dev/virtio-ports/darvaza.NAME, here as
    guest.events[NAME]."""

    def __init__(self, kernel, image, arguments=(), ports=(), memory=512, words=""):
        self.kernel, self.image, self.memory = kernel, image, memory
        self.arguments, self.names = list(arguments), ["agent", *ports]
        self.words = f"{KERNEL_WORDS} {words}"
        self.folder = tempfile.mkdtemp(prefix="dvk-", dir="/tmp")
        self.accelerator, self.process, self.ports, self.events = None, None, {}, {}

    def __enter__(self):
        if shutil.which(QEMU) is None:
            shutil.rmtree(self.folder)
            raise packages.Missing(f"{QEMU} is not installed")
        try:
            self._start_somehow()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_somehow(self):
        chosen = accelerators()
        for accelerator in chosen:
            try:
                self._start(accelerator)
                return
            except (Failed, OSError) as why:
                print(f"{accelerator} does not do: {str(why).splitlines()[0]}", flush=True)
                self._stop()
        raise Failed(f"the guest does not start with {' or '.join(chosen)}:\n{self.console()}")

    def _command(self, accelerator):
        command = [QEMU, "-M", "q35", "-accel", accelerator, "-cpu", CPU[accelerator], "-smp", "1",
                   "-m", str(self.memory), "-nodefaults", "-no-reboot", "-display", "none",
                   "-kernel", self.kernel.vmlinux, "-initrd", self.image, "-append", self.words,
                   "-serial", f"file:{self.folder}/console", "-device", "virtio-serial"]
        for port in self.ports.values():
            command += port.arguments()
        return command + self.arguments

    def _start(self, accelerator):
        self.accelerator = accelerator
        self.ports = {name: Port(self.folder, name) for name in self.names}
        with open(os.path.join(self.folder, "qemu"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self._command(accelerator), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_in_child)
        end = time.monotonic() + BOOT_S[accelerator]
        for port in self.ports.values():
            self._accept(port, end)
        self.ports["agent"].stream.settimeout(max(1, end - time.monotonic()))
        self._line()
        self.events = {name: Events(port) for name, port in self.ports.items() if name != "agent"}

    def _accept(self, port, end):
        while time.monotonic() < end:
            try:
                port.accept(0.5)
                return
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        raise Failed(f"QEMU ended or does not connect: {self._qemu_said()}")

    def _qemu_said(self):
        with open(os.path.join(self.folder, "qemu"), encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def console(self):
        """The end of what the guest's kernel and init said."""
        try:
            with open(os.path.join(self.folder, "console"), encoding="utf-8",
                      errors="replace") as log:
                return log.read()[-6000:]
        except OSError:
            return ""

    def _stop(self):
        for port in self.ports.values():
            port.close()  # the agent ends and with it the guest
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.ports, self.process = {}, None

    # ---- the agent

    def _bytes(self, count):
        parts, stream = [], self.ports["agent"].stream
        while count > 0:
            part = stream.recv(min(count, 65536))
            if not part:
                raise Failed(f"the guest is gone: {self._qemu_said()}{self.console()}")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _line(self):
        line = b""
        while not line.endswith(b"\n"):
            line += self._bytes(1)
        return line.decode().strip()

    def run(self, command, user=None, patience=COMMAND_S):
        """(exit status, what it printed), of a command of the guest's shell. It must end by itself;
        what shall go on running is put into the background with its output elsewhere."""
        if "\n" in command:
            raise ValueError("one line a command")
        if user is not None:
            command = f"su {user} -s /bin/sh -c {shlex.quote(command)}"
        stream = self.ports["agent"].stream
        stream.settimeout(patience)
        try:
            stream.sendall(command.encode() + b"\n")
            status, length = self._line().split()
            return int(status), self._bytes(int(length)).decode(errors="replace")
        except TimeoutError:
            raise Failed(f"{command}: no end after {patience} s; console:\n{self.console()}") from None

    def check(self, command, user=None, patience=COMMAND_S):
        """What the command printed; Failed when it fails."""
        status, output = self.run(command, user, patience)
        if status:
            raise Failed(f"{command}: ended with {status}: {output}")
        return output

    def wait(self, command, what, patience=COMMAND_S):
        """Asks until the command succeeds; what it then printed."""
        end = time.monotonic() + patience
        while True:
            status, output = self.run(command)
            if status == 0:
                return output
            if time.monotonic() > end:
                raise Failed(f"waited in vain for {what}: {output}")
            time.sleep(0.05)
