#!/usr/bin/env python3
"""Writes the reference values of GoldenTests.cs, computed by PyTorch, to the folder of this script.

Run: python3 tests/SimNet.Compute.Tests/Golden/generate_compute.py     (needs torch; written with 1.13, CPU, one thread)

Weights and samples are not stored: both sides derive them exactly from the same integer hash. Each file holds the losses and outputs
of each step, the values of every parameter after the last step (every n-th value of large ones), and the loss and output of a forward
pass in evaluation mode with those parameters.
"""
import json
import os

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
FOLDER = os.path.dirname(os.path.abspath(__file__))


def noise(count, seed):
    """Numbers in [0, 1) with 24 random bits, exact in float32; the same as NetworkData.Noise."""
    i = torch.arange(count, dtype=torch.int64)
    x = (i * 2654435761 + seed * 2246822519 + 374761393) & 0xFFFFFFFF
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        x = x ^ (x >> shift)
        x = (x & 0xFFFF) * factor + (((x >> 16) * factor & 0xFFFF) << 16) & 0xFFFFFFFF
    x = x ^ (x >> 16)
    return (x >> 8).to(torch.float32) / (1 << 24)


def fill(net):
    """Fills the n-th parameter, in the order of the state dict without num_batches_tracked, from seed n."""
    number = 0
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        value = noise(tensor.numel(), number).reshape(tensor.shape)
        if tensor.dim() == 4:
            value = (value - 0.5) * 0.25
        elif name.endswith("weight") or name.endswith("running_var"):
            value = value + 0.5
        else:
            value = (value - 0.5) * 0.5
        with torch.no_grad():
            tensor.copy_(value)
        number += 1


class Fire(nn.Module):
    """A fire module with batch norm whose squeezed channels are also part of the concatenation."""

    def __init__(self):
        super().__init__()
        self.squeeze, self.norm = nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5, eps=1e-3, momentum=0.3)
        self.left, self.right, self.out = nn.Conv2d(5, 6, 1), nn.Conv2d(5, 7, 3, padding=1), nn.Conv2d(18, 2, 2, stride=2)

    def forward(self, x):
        act = nn.functional.leaky_relu(self.norm(self.squeeze(x)), 0.1)
        cat = torch.cat([torch.relu(self.left(act)), torch.relu(self.right(act)), act], 1)
        return torch.sigmoid(self.out(nn.functional.max_pool2d(cat, 3, 2)))


class Residual(nn.Module):
    """A block whose convolutions are grouped, rectangular and without bias, and a strided shortcut."""

    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.norm2 = nn.Conv2d(8, 8, (1, 3), padding=(0, 2), dilation=(1, 2), groups=4, bias=False), nn.BatchNorm2d(8)
        self.shortcut, self.norm3 = nn.Conv2d(4, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8)
        self.out = nn.Conv2d(8, 3, (2, 1))

    def forward(self, x):
        branch = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.sigmoid(self.out(torch.relu(branch + self.norm3(self.shortcut(x)))))


class Mobile(nn.Module):
    """A block of MobileNetV3, then the end of one of EfficientNet: depthwise, squeeze-and-excitation, hard and smooth activations."""

    def __init__(self):
        super().__init__()
        self.expand, self.norm1 = nn.Conv2d(3, 20, 1, bias=False), nn.BatchNorm2d(20)
        self.depthwise, self.norm2 = nn.Conv2d(20, 20, 5, stride=2, padding=2, groups=20, bias=False), nn.BatchNorm2d(20)
        self.fc1, self.fc2 = nn.Conv2d(20, 6, 1), nn.Conv2d(6, 20, 1)
        self.project, self.norm3 = nn.Conv2d(20, 5, 1, bias=False), nn.BatchNorm2d(5)
        self.again, self.out = nn.Conv2d(5, 5, 3, padding=1, groups=5), nn.Conv2d(5, 2, 1)

    def forward(self, x):
        f = nn.functional
        x = f.hardswish(self.norm2(self.depthwise(f.hardswish(self.norm1(self.expand(x))))))
        x = x * f.hardsigmoid(self.fc2(torch.relu(self.fc1(f.adaptive_avg_pool2d(x, 1)))))
        x = self.norm3(self.project(x))
        return self.out(f.relu6(x + f.silu(self.again(x))))


class Pools(nn.Module):
    """Average and max pooling with padding and ceil mode, a grouped transposed convolution, zero padding, softmax."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(2, 6, 3), nn.Conv2d(6, 6, (1, 2))
        self.up = nn.ConvTranspose2d(6, 9, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=3, dilation=(1, 2), bias=False)

    def forward(self, x):
        f = nn.functional
        x = f.avg_pool2d(self.conv1(x), 3, 2, padding=1, ceil_mode=True)
        x = f.avg_pool2d(self.conv2(f.pad(x, (1, 0, 0, 2))), (2, 3), (1, 2), padding=(1, 1), ceil_mode=True, count_include_pad=False)
        x = f.max_pool2d(f.leaky_relu(x, 0.2), 3, 2, padding=1, ceil_mode=True)
        return torch.softmax(self.up(x), 1)


def autoencoder():
    def up(): return [nn.ConvTranspose2d(32, 32, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
    def down(c): return [nn.Conv2d(c, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*down(1), nn.BatchNorm2d(32), *down(32), nn.BatchNorm2d(32), *down(32),
                         *up(), *up(), *up(), nn.Conv2d(32, 1, 3, padding=1), nn.Sigmoid())


def small():
    return nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.LeakyReLU(0.01), nn.BatchNorm2d(4), nn.MaxPool2d(2),
                         nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1), nn.Sigmoid())


def classes():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(6, 5, 1), nn.AdaptiveAvgPool2d(1))


def cross_entropy(**settings):
    """Targets are class probabilities; the formula does not require that they sum to 1."""
    loss = nn.CrossEntropyLoss(**settings)
    return lambda y, target: loss(y.flatten(1), target.flatten(1))


def kernels_only(decay):
    """Two parameter groups: the weights of convolutions with decay, all others without."""
    return lambda p: [{"params": [t for t in p if t.dim() == 4], "weight_decay": decay}, {"params": [t for t in p if t.dim() != 4], "weight_decay": 0}]


def rounded(tensor, every=1):
    return [float("%.9g" % v) for v in tensor.detach().reshape(-1)[::every].tolist()]


def write(name, net, shape, count, steps, rate, loss, make_optimizer, every=1, frozen=(), clip=None):
    fill(net)
    for module in frozen:
        getattr(net, module).requires_grad_(False)
    optimizer = make_optimizer([p for p in net.parameters() if p.requires_grad])
    net.train()
    for module in frozen:
        getattr(net, module).eval()
    result = {"torch": torch.__version__, "losses": [], "outputs": [], "every": every}
    for step in range(steps):
        x = noise(count * shape[0] * shape[1] * shape[2], 1000 + step).reshape(count, *shape)
        y = net(x)
        target = noise(y.numel(), 2000 + step).reshape(y.shape)
        optimizer.zero_grad()
        value = loss(y, target)
        value.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - 0.1 * step)
        optimizer.step()
        result["losses"].append(value.item())
        result["outputs"].append(rounded(y))
    result["parameters"] = [rounded(t, every) for n, t in net.state_dict().items() if not n.endswith("num_batches_tracked")]
    net.eval()
    y = net(x)
    result["evaluation_loss"] = loss(y, target).item()
    result["evaluation_output"] = rounded(y)
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, name + ".json"), "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


mse, bce = nn.MSELoss(), nn.BCELoss()
write("autoencoder-adam", autoencoder(), (1, 16, 16), 2, 3, 1e-3, mse, lambda p: torch.optim.Adam(p, 1e-3), every=23)
write("small-adam-decay", small(), (2, 7, 6), 3, 4, 1e-2, mse,
      lambda p: torch.optim.Adam(p, 1e-2, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.05))
write("small-sgd", small(), (2, 7, 6), 3, 4, 0.1, mse, lambda p: torch.optim.SGD(p, 0.1, momentum=0.0))
write("small-sgd-momentum-decay-bce", small(), (2, 7, 6), 3, 4, 0.1, bce,
      lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.02))
write("fire-sgd-momentum", Fire(), (3, 9, 8), 2, 3, 0.2, mse, lambda p: torch.optim.SGD(p, 0.2, momentum=0.8))
write("fire-adam-bce", Fire(), (3, 9, 8), 2, 3, 1e-2, bce, lambda p: torch.optim.Adam(p, 1e-2, eps=1e-3))
write("classes-sgd-cross-entropy", classes(), (3, 8, 9), 4, 3, 0.1, cross_entropy(), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9))
write("classes-adam-cross-entropy-smooth-weighted", classes(), (3, 8, 9), 4, 3, 1e-2,
      cross_entropy(label_smoothing=0.1, weight=torch.tensor([0.5, 2, 1, 0, 1.25])), lambda p: torch.optim.Adam(p, 1e-2))
write("fire-adamw", Fire(), (3, 9, 8), 2, 3, 1e-2, mse, lambda p: torch.optim.AdamW(p, 1e-2, eps=1e-3, weight_decay=0.5))
write("fire-adamw-kernels-only", Fire(), (3, 9, 8), 2, 3, 1e-2, mse, lambda p: torch.optim.AdamW(kernels_only(0.5)(p), 1e-2, eps=1e-3))
write("fire-sgd-kernels-only", Fire(), (3, 9, 8), 2, 3, 0.2, mse, lambda p: torch.optim.SGD(kernels_only(0.1)(p), 0.2, momentum=0.8))
write("fire-sgd-clipped", Fire(), (3, 9, 8), 2, 3, 0.2, mse, lambda p: torch.optim.SGD(p, 0.2, momentum=0.8), clip=0.02)
write("fire-frozen-below", Fire(), (3, 9, 8), 2, 3, 1e-2, mse, lambda p: torch.optim.Adam(p, 1e-2, eps=1e-3), frozen=("squeeze", "norm"))
write("fire-frozen-between", Fire(), (3, 9, 8), 2, 3, 1e-2, mse, lambda p: torch.optim.Adam(p, 1e-2, eps=1e-3), frozen=("norm", "right"))
write("residual-sgd-momentum", Residual(), (4, 9, 8), 3, 3, 0.2, mse, lambda p: torch.optim.SGD(p, 0.2, momentum=0.8))
write("mobile-sgd-momentum", Mobile(), (3, 9, 7), 3, 3, 0.1, mse, lambda p: torch.optim.SGD(p, 0.1, momentum=0.8))
write("mobile-frozen", Mobile(), (3, 9, 7), 3, 3, 0.1, mse, lambda p: torch.optim.SGD(p, 0.1, momentum=0.8), frozen=("depthwise", "norm2", "fc1"))
write("pools-sgd", Pools(), (2, 14, 13), 2, 3, 0.5, mse, lambda p: torch.optim.SGD(p, 0.5, momentum=0.8))
