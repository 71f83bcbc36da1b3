#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tests' networks (ONNX), byte by byte: usage: tiny_networks.py FOLDER

embedding.onnx   112 x 112 R, G, B to 147 numbers: the means of 7 x 7 fields. It knows nothing of
                 faces; it proves how a model is loaded, fed and judged.
detector.onnx    answers as YuNet does: fires where a field of 8 x 8 pixels is pure red, with a box and
                 landmarks at fixed offsets.
wrong.onnx       loads, and answers as neither.
"""
import os
import struct
import sys

SIDE, STRIDES = 320, (8, 16, 32)
# In strides from the cell's corner: box's middle and the logarithm of its sides; five points.
BOX = (0.5, 0.5, 2.5, 2.5)
POINTS = (-2.0, -1.5, 3.0, -1.5, 0.5, 1.0, -1.5, 3.5, 2.5, 3.5)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A member of a protobuf message: an integer, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (1 << 64) - 1)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def node(kind, inputs, output, **attributes):
    return (b"".join(field(1, i) for i in inputs) + field(2, output) + field(3, output) +
            field(4, kind) + b"".join(field(5, attribute(k, v)) for k, v in attributes.items()))


def tensor(name, shape, values, integers=False):
    data = struct.pack(f"<{len(values)}{'q' if integers else 'f'}", *values)
    return (b"".join(field(1, d) for d in shape) + field(2, 7 if integers else 1) + field(8, name) +
            field(9, data))


def value_info(name, shape):
    dims = b"".join(field(1, field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def model(nodes, weights, inputs, outputs):
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "tiny") +
             b"".join(field(5, w) for w in weights) +
             b"".join(field(11, value_info(*i)) for i in inputs) +
             b"".join(field(12, value_info(*o)) for o in outputs))
    return field(1, 7) + field(7, graph) + field(8, field(1, "") + field(2, 11))


def pool(source, output, side):
    return node("AveragePool", [source], output, kernel_shape=[side, side], strides=[side, side])


def embedding():
    return model([pool("in", "fields", 16), node("Flatten", ["fields"], "out", axis=1)], [],
                 [("in", (1, 3, 112, 112))], [("out", (1, 147))])


def head(stride, name, columns, bias, weights):
    """One output of YuNet from the means of a stride's cells."""
    label, cells = f"{name}_{stride}", (SIDE // stride) ** 2
    nodes = [node("Conv", [f"mean_{stride}", label + "_w", label + "_b"], label + "_map",
                  kernel_shape=[1, 1]),
             node("Transpose", [label + "_map"], label + "_last", perm=[0, 2, 3, 1]),
             node("Reshape", [label + "_last", label + "_shape"], label)]
    tensors = [tensor(label + "_w", (columns, 3, 1, 1), weights),
               tensor(label + "_b", (columns,), bias),
               tensor(label + "_shape", (3,), (1, cells, columns), integers=True)]
    return nodes, tensors, (label, (1, cells, columns))


def detector():
    nodes, weights, outputs = [], [], []
    for stride in STRIDES:
        nodes.append(pool("in", f"mean_{stride}", stride))
        # B, G, R: 1 for pure red, 0 or less for all else; only the finest stride fires.
        fires = [-1 / 32, -1 / 32, 1 / 255] if stride == 8 else [0, 0, 0]
        for name, columns, bias, weight in (("cls", 1, [0], fires), ("obj", 1, [1], [0] * 3),
                                            ("bbox", 4, BOX, [0] * 12),
                                            ("kps", 10, POINTS, [0] * 30)):
            more, tensors, output = head(stride, name, columns, bias, weight)
            nodes += more
            weights += tensors
            outputs.append(output)
    return model(nodes, weights, [("in", (1, 3, SIDE, SIDE))], outputs)


def wrong():
    return model([pool("in", "out", 112)], [], [("in", (1, 3, 112, 112))], [("out", (1, 3, 1, 1))])


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, data in (("embedding", embedding()), ("detector", detector()), ("wrong", wrong())):
        with open(os.path.join(folder, name + ".onnx"), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
