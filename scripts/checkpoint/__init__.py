# SPDX-License-Identifier: Apache-2.0
"""A whole checkpoint on one machine: lay it out, run its processes, speak to it as people do.

Used by scripts/demo and by the fault and browser tests, so that what is shown is what is tested.
"""
