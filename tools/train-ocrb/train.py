# SPDX-License-Identifier: Apache-2.0
"""Trains the character network and writes its weights as a C array. See README.md.

usage: train.py --out FOLDER [--steps N] [--stop N] [--seed S] [--rate R] [--paper SHARE]
                [--start NETWORK.pt]
"""
import argparse
import os
import time

import torch
from torch import nn

from cells import HEIGHT, NONE, WIDTH, Cells


class Pool(torch.autograd.Function):
    """The largest of each 2x2; torch's own takes several times as long without its fast paths."""

    @staticmethod
    def forward(context, x):
        n, c, h, w = x.shape
        tiles = x.view(n, c, h // 2, 2, w // 2, 2)
        top = torch.maximum(tiles[:, :, :, 0], tiles[:, :, :, 1])
        top = torch.maximum(top[..., 0], top[..., 1])
        context.save_for_backward(x, top)
        return top

    @staticmethod
    def backward(context, gradient):
        x, top = context.saved_tensors
        n, c, h, w = x.shape
        tiles = x.view(n, c, h // 2, 2, w // 2, 2)
        at = tiles == top[:, :, :, None, :, None]
        return (at * gradient[:, :, :, None, :, None]).view(n, c, h, w)


class Network(nn.Module):
    """conv 3x3 x12, pool, conv 3x3 x24, pool, 64, then 38 classes and the glyph's displacement."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.hidden = nn.Linear(24 * (HEIGHT // 4) * (WIDTH // 4), 64)
        self.out = nn.Linear(64, NONE + 3)

    def forward(self, x):
        x = torch.relu(Pool.apply(self.conv1(x)))
        x = torch.relu(Pool.apply(self.conv2(x)))
        x = x.permute(0, 2, 3, 1).flatten(1)  # rows, columns, channels: the order of network.c
        return self.out(torch.relu(self.hidden(x)))


def loss_of(output, labels, shift):
    there = (labels != NONE).float()
    wrong = nn.functional.cross_entropy(output[:, :NONE + 1], labels)
    off = (((output[:, NONE + 1:] - shift) ** 2).sum(1) * there).sum() / there.sum()
    return wrong + 6 * off


def measure(network, cells, batches):
    right = there = 0
    off = 0.0
    network.eval()
    with torch.no_grad():
        for _ in range(batches):
            image, labels, shift = cells.batch()
            output = network(image)
            right += int((output[:, :NONE + 1].argmax(1) == labels).sum())
            there += len(labels)
            off += float((output[:, NONE + 1:] - shift)[labels != NONE].abs().mean())
    network.train()
    return right / there, off / batches


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--stop", type=int, help="ends at this step of the schedule")
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--paper", type=float, default=0.0, help="share of cells without any ink")
    parser.add_argument("--start", help="goes on from these weights")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    torch.set_num_threads(1)
    cells = Cells(options.seed, options.paper)
    network = Network()
    if options.start:
        network.load_state_dict(torch.load(options.start))
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, options.steps, pct_start=0.1)
    began = time.monotonic()
    last = options.stop or options.steps
    for step in range(1, last + 1):
        image, labels, shift = cells.batch()
        loss = loss_of(network(image), labels, shift)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step == last:
            right, off = measure(network, cells, 4)
            print(f"step {step} loss {float(loss):.4f} right {right:.4f} off {off:.4f} pitch, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
            torch.save(network.state_dict(), os.path.join(options.out, "network.pt"))


if __name__ == "__main__":
    main()
