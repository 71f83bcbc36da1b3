# SPDX-License-Identifier: Apache-2.0
"""Writes a trained network, or the mean of several, as drivers/vision/network_weights.inc: bytes, and per output a scale.

usage: export.py OUT.inc NETWORK.pt...     prints the SHA-256 of the bytes
"""
import hashlib
import sys

import torch


def mean_of(paths):
    """Weights half-way between networks of one training stand for a longer, calmer one."""
    networks = [torch.load(path, map_location="cpu") for path in paths]
    return {name: sum(n[name] for n in networks) / len(networks) for name in networks[0]}


def rounded(network):
    """The network as the bytes have it: per output 127 steps."""
    result = dict(network)
    for name in ("conv1.weight", "conv2.weight", "hidden.weight", "out.weight"):
        flat = network[name].flatten(1)
        scale = flat.abs().amax(1, keepdim=True) / 127
        result[name] = (torch.round(flat / scale) * scale).reshape(network[name].shape)
    return result


def rows_of(network):
    """{name: (inputs x outputs, bias)}, inputs in the order in which network.c reads them."""
    first = network["conv1.weight"]  # outputs, 1, 3, 3
    second = network["conv2.weight"]  # outputs, inputs, 3, 3
    return {
        "first": (first.permute(2, 3, 1, 0).reshape(-1, first.shape[0]), network["conv1.bias"]),
        "second": (second.permute(2, 3, 1, 0).reshape(-1, second.shape[0]), network["conv2.bias"]),
        "hidden": (network["hidden.weight"].T, network["hidden.bias"]),
        "out": (network["out.weight"].T, network["out.bias"]),
    }


def write_list(out, kind, name, words, each):
    out.write(f"static const {kind} {name}[{len(words)}] = {{\n")
    for at in range(0, len(words), each):
        out.write("    " + " ".join(w + "," for w in words[at:at + each]) + "\n")
    out.write("};\n")


def main():
    network = mean_of(sys.argv[2:])
    digest = hashlib.sha256()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("// SPDX-License-Identifier: Apache-2.0\n"
                  "/* Written by tools/train-ocrb/export.py; do not edit. */\n")
        for name, (weights, bias) in rows_of(network).items():
            scale = weights.abs().amax(0) / 127
            whole = torch.round(weights / scale).to(torch.int8)
            digest.update(whole.contiguous().numpy().tobytes())
            write_list(out, "gint8", f"{name}_weights", [str(int(v)) for v in whole.flatten()], 24)
            write_list(out, "float", f"{name}_scale", [f"{float(v):.8e}f" for v in scale], 6)
            write_list(out, "float", f"{name}_bias", [f"{float(v):.8e}f" for v in bias], 6)
    print(digest.hexdigest())


if __name__ == "__main__":
    main()
