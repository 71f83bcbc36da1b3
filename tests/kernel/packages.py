# SPDX-License-Identifier: Apache-2.0
"""Debian's own packages as files: downloaded by apt-get, taken apart, never installed.

fetch() needs the network and is called by scripts/install-deps; everything else reads the cache, and
raises Missing when what it wants is not there."""
import glob
import lzma
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KERNEL = "linux-image-amd64"
# Nothing that a guest of this kind has: 300 MB of the package.
LEFT_OUT = ("drivers/gpu", "drivers/infiniband", "drivers/iio", "drivers/isdn", "drivers/staging",
            "drivers/net/ethernet", "drivers/net/wireless", "drivers/net/can", "drivers/mtd",
            "drivers/scsi", "drivers/media/dvb-frontends", "drivers/media/tuners",
            "drivers/media/pci", "sound")
APT = ["apt-get", "-q", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30"]
PATIENCE_S = 600


class Missing(Exception):
    """What a test needs is not on this machine: the test is skipped, the message says why."""


@dataclass(frozen=True)
class Kernel:
    """release: as uname -r prints it. modules: the folder that has lib/modules/RELEASE."""
    release: str
    vmlinux: str
    modules: str


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME")
    return os.path.join(base, "darvaza") if base else os.path.join(ROOT, ".cache")


def _place(name):
    return os.path.join(cache_folder(), "packages", name)


def package(name):
    """The folder that holds the files of a package, as they lie below / once it is installed."""
    folder = _place(name)
    if not os.path.isdir(folder):
        raise Missing(f"Debian's package {name} is not in {cache_folder()}: "
                      "scripts/install-deps test fetches it")
    return folder


def kernel():
    folder = package(KERNEL)
    release = os.listdir(os.path.join(folder, "lib", "modules"))[0]
    return Kernel(release, os.path.join(folder, "vmlinux"), folder)


def newest(package_name):
    """The package that the kernel's meta package stands for."""
    if package_name != KERNEL:
        return package_name
    shown = subprocess.run(["apt-cache", "--no-all-versions", "show", KERNEL], capture_output=True,
                           text=True, check=False, timeout=PATIENCE_S).stdout
    found = re.search(r"^Depends: (linux-image-[0-9]\S+-amd64)", shown, re.MULTILINE)
    if not found:
        raise Missing(f"apt knows no package {KERNEL}")
    return found.group(1)


def _download(name, folder):
    command = APT + ["-o", "APT::Sandbox::User=root", "download", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                          timeout=PATIENCE_S)
    files = glob.glob(os.path.join(folder, "*.deb"))
    if done.returncode or len(files) != 1:
        raise Missing(f"apt-get download {name}: {done.stderr.strip() or 'no file came'}")
    return files[0]


def _unpack(archive, goal, left_out=()):
    """Like dpkg -x, without some folders."""
    os.mkdir(goal)
    reader = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE)
    unpack = ["tar", "-x", "-C", goal, "--no-same-owner"]
    unpack += [f"--exclude=*/kernel/{name}" for name in left_out]
    subprocess.run(unpack, stdin=reader.stdout, check=True, timeout=PATIENCE_S)
    reader.stdout.close()
    if reader.wait(PATIENCE_S):
        raise Missing(f"{os.path.basename(archive)} cannot be unpacked")


def _prepare_kernel(folder):
    """The bare ELF file, which QEMU enters without the time that unpacking costs in the guest, and
    the modules' index, which installing would have made."""
    image = glob.glob(os.path.join(folder, "boot", "vmlinuz-*"))[0]
    release = os.path.basename(image).removeprefix("vmlinuz-")
    with open(image, "rb") as handle:
        packed = handle.read()
    start = packed.find(b"\xfd7zXZ\x00")
    if start < 0:
        raise Missing(f"{os.path.basename(image)} is not packed with xz")
    plain = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(packed[start:])
    if not plain.startswith(b"\x7fELF"):
        raise Missing(f"{os.path.basename(image)} does not hold an ELF file")
    with open(os.path.join(folder, "vmlinux"), "wb") as handle:
        handle.write(plain)
    shutil.rmtree(os.path.join(folder, "boot"))
    tool = shutil.which("depmod", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if tool is None:
        raise Missing("depmod (package kmod) is not installed")
    # Symbols of the modules left out are missed by others that are left out of guests too.
    subprocess.run([tool, "-b", folder, release], check=True, timeout=PATIENCE_S,
                   stderr=subprocess.DEVNULL)


def fetch(names):
    """Brings what the cache does not have yet. What it has stays, whatever is newer."""
    for name in names:
        if os.path.isdir(_place(name)):
            continue
        os.makedirs(os.path.dirname(_place(name)), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.dirname(_place(name))) as work:
            archive = _download(newest(name), work)
            goal = os.path.join(work, "files")
            _unpack(archive, goal, LEFT_OUT if name == KERNEL else ())
            if name == KERNEL:
                _prepare_kernel(goal)
            os.rename(goal, _place(name))
        print(f"fetched {os.path.basename(archive)}", flush=True)
