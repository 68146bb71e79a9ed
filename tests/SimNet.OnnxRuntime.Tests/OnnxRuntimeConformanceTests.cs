using SimNet.Conformance;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>Compares ONNX Runtime with the managed back end on exported networks.</summary>
public sealed class OnnxRuntimeConformanceTests : InferenceConformanceTests
{
    private static readonly OnnxRuntimeBackend Shared = new(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cpu });

    protected override IInferenceBackend Backend => Shared;
}
