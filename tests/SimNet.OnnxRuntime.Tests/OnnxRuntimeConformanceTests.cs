using SimNet.Conformance;
using SimNet.Models;

namespace SimNet.OnnxRuntime.Tests;

/// <summary>Managed compute against ONNX Runtime, through the file that the export writes: each checks the other.</summary>
public sealed class OnnxRuntimeConformanceTests : InferenceConformanceTests
{
    private static readonly OnnxRuntimeBackend Shared = new(new OnnxRuntimeBackendOptions { Device = ComputeDevice.Cpu });

    protected override IInferenceBackend Backend => Shared;
}
