#!/usr/bin/python3
"""Measures PyTorch's training step on the CPU, with the settings that make it fastest there.

torch_train.py NETWORK THREADS BATCH    NETWORK: dae, or a classifier of torchvision such as squeezenet1_0
Prints one JSON line with the median time per image.
"""
import json, os, sys, time

# Read as the process starts: glibc keeps its pages instead of returning them, and OpenBLAS stays out of OpenMP's way.
# Together they double the speed.
settings = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(32 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
    "OPENBLAS_NUM_THREADS": "1",
}
if any(os.environ.get(name) != value for name, value in settings.items()):
    os.environ.update(settings)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import torch, torchvision
from torch import nn

network, threads, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)


def autoencoder():
    """AutoSimNet's denoising autoencoder, as SimNet.Models.DenoisingAutoencoder builds it."""
    def down(channels):
        return [nn.Conv2d(channels, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

    def up():
        return [nn.ConvTranspose2d(32, 32, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]

    return nn.Sequential(*down(1), nn.BatchNorm2d(32), *down(32), nn.BatchNorm2d(32), *down(32),
                         *up(), *up(), *up(), nn.Conv2d(32, 1, 3, padding=1), nn.Sigmoid())


if network == "dae":
    net, x = autoencoder(), torch.rand(batch, 1, 64, 64)
    target, loss, optimizer = x, nn.MSELoss(), torch.optim.Adam(net.parameters(), 1e-3)
else:
    net, x = getattr(torchvision.models, network)(num_classes=10), torch.randn(batch, 3, 224, 224)
    target, loss = torch.randint(0, 10, (batch,)), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)
net = net.to(memory_format=torch.channels_last).train()
x = x.to(memory_format=torch.channels_last)


def step():
    optimizer.zero_grad()
    loss(net(x), target).backward()
    optimizer.step()


for _ in range(3):
    step()
times = []
while len(times) < 8 or (sum(times) < 8 and len(times) < 60):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
print(json.dumps({"program": "PyTorch " + torch.__version__, "ms_per_image": 1e3 * sorted(times)[len(times) // 2] / batch}))
