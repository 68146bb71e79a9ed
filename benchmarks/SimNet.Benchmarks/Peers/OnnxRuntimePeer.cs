using Microsoft.ML.OnnxRuntime;

namespace SimNet.Benchmarks;

/// <summary>ONNX Runtime's CPU provider, used directly: input and output stay in the same memory from run to run.</summary>
internal static class OnnxRuntimePeer
{
    /// <summary>What the worker process calls it.</summary>
    public const string Backend = "onnxruntime-peer";

    /// <summary>The library and its version.</summary>
    public static string Name => "ONNX Runtime " + OrtEnv.Instance().GetVersionString();

    /// <summary>The median time for one image, in milliseconds.</summary>
    /// <param name="modelFile">An ONNX file with one input, whose first axis is the batch, and one output.</param>
    /// <param name="batch">Images in one call.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="warmUp">How long to run before the clock starts.</param>
    public static double Measure(string modelFile, int batch, int threads, TimeSpan warmUp)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        using var session = new InferenceSession(modelFile, options);
        using OrtValue input = Allocate(session.InputMetadata.Values.Single());
        using OrtValue output = Allocate(session.OutputMetadata.Values.Single());
        Span<float> values = input.GetTensorMutableDataAsSpan<float>();
        var random = new Random(1);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle();
        }

        using var run = new RunOptions();
        return StepTimer.Median(() => session.Run(run, session.InputNames, [input], session.OutputNames, [output]), warmUp) / batch;

        OrtValue Allocate(NodeMetadata metadata) => OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, metadata.ElementDataType, [batch, .. metadata.Dimensions[1..].Select(length => (long)length)]);
    }
}
