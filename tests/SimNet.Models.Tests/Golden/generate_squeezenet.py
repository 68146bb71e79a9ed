#!/usr/bin/env python3
"""Writes Golden/squeezenet1_1.json: what torchvision's SqueezeNet 1.1 makes of one drawn picture.

Run: python3 tests/SimNet.Models.Tests/Golden/generate_squeezenet.py WEIGHTS.safetensors
(needs torch and torchvision; made with torch 1.13 and torchvision 0.14, CPU, one thread)

The file of weights is read without the safetensors package: a length, a JSON header, the values.
"""
import json
import os
import struct
import sys

import torch
import torchvision

torch.set_num_threads(1)
TYPES = {"F32": torch.float32, "F16": torch.float16}


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(bytearray(data[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]),
                                   dtype=TYPES[t["dtype"]]).reshape(t["shape"]).float() for name, t in header.items()}


def picture():
    """Waves, different in each channel; SqueezeNetTests draws the same."""
    c = torch.arange(3, dtype=torch.float64).reshape(3, 1, 1)
    y = torch.arange(224, dtype=torch.float64).reshape(1, 224, 1)
    x = torch.arange(224, dtype=torch.float64).reshape(1, 1, 224)
    return (2 * torch.sin(0.05 * (c + 1) * x) * torch.cos(0.03 * (y + 7 * c))).float().unsqueeze(0)


net = torchvision.models.squeezenet1_1()
net.load_state_dict(read(sys.argv[1]))
net.eval()
with torch.no_grad():
    maps = net.features(picture())
    logits = net(picture())[0]
result = {"torch": torch.__version__, "torchvision": torchvision.__version__,
          "top5": logits.topk(5).indices.tolist(),
          "logits": [float("%.9g" % v) for v in logits.tolist()],
          "embedding": [float("%.9g" % v) for v in maps.mean((2, 3))[0].tolist()]}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "squeezenet1_1.json")
with open(path, "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
