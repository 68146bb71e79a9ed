using SimNet.Conformance;

namespace SimNet.TorchSharp.Tests;

/// <summary>Inference with TorchSharp against the managed back end.</summary>
public sealed class TorchSharpInferenceTests : InferenceConformanceTests
{
    protected override ITrainingBackend Backend => Backends.Torch;
}

/// <summary>Training with TorchSharp against the managed back end.</summary>
public sealed class TorchSharpTrainingTests : TrainingConformanceTests
{
    protected override ITrainingBackend Backend => Backends.Torch;
}
