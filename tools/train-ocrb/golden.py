# SPDX-License-Identifier: Apache-2.0
"""Writes cells and torch's answers for the unit test of the network in C.

usage: golden.py OUT.tsv CHECKSUM NETWORK.pt...     (CHECKSUM as export.py printed it)
"""
import sys

import torch

from cells import ALPHABET, Cells, normalise
from export import mean_of, rounded
from train import Network


def main():
    network = Network()
    network.load_state_dict(rounded(mean_of(sys.argv[3:])))
    network.eval()
    cells = Cells(99)
    with open(sys.argv[1], "w", encoding="utf-8") as out, torch.no_grad():
        out.write(sys.argv[2] + "\n")
        for _ in range(6):
            image, _, _ = cells.group(4)
            grey = torch.round(image * 255)
            answers = network(normalise(grey))
            shares = torch.softmax(answers[:, :len(ALPHABET) + 1], 1)
            for pixels, share, answer in zip(grey, shares, answers):
                best = int(share.argmax())
                out.write("\t".join([
                    (ALPHABET + "_")[best], f"{float(share[best]):.4f}",
                    f"{float(answer[-2]):.4f}", f"{float(answer[-1]):.4f}",
                    bytes(int(v) for v in pixels.flatten()).hex()]) + "\n")


if __name__ == "__main__":
    main()
