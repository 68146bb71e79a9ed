#!/usr/bin/python3
"""Exports a network of torchvision, with random weights, to an ONNX file by PyTorch's own exporter.

torchvision_export.py NETWORK FILE.onnx    NETWORK: squeezenet1_0, resnet18, mobilenet_v2, ...
"""
import sys
import torch, torchvision

network, file = sys.argv[1:]
torch.manual_seed(0)
torch.onnx.export(
    getattr(torchvision.models, network)().eval(), torch.randn(1, 3, 224, 224), file, opset_version=13,
    input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}})
