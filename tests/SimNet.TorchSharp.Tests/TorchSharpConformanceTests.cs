using SimNet.Conformance;

namespace SimNet.TorchSharp.Tests;

/// <summary>TorchSharp against managed compute: each checks the other.</summary>
public sealed class TorchSharpInferenceTests : InferenceConformanceTests
{
    protected override ITrainingBackend Backend => Backends.Torch;
}

/// <summary>Training with TorchSharp against managed training.</summary>
public sealed class TorchSharpTrainingTests : TrainingConformanceTests
{
    protected override ITrainingBackend Backend => Backends.Torch;
}
