#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches the Debian packages that the kernel tests make their guest of (scripts/install-deps)."""
import sys

import packages

WANTED = (packages.KERNEL, "udev", "busybox-static", "usbip")


def main():
    try:
        packages.fetch(WANTED)
    except packages.Missing as why:
        sys.exit(f"{why}")


if __name__ == "__main__":
    main()
