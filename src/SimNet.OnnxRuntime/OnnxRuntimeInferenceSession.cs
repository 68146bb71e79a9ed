using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>
/// An inference session of ONNX Runtime. It uses the buffers of the caller directly, without copying them on the CPU. Thread-safe, as is
/// the underlying session.
/// </summary>
internal sealed class OnnxRuntimeInferenceSession : IInferenceSession
{
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly long[][] _outputDimensions;

    // Maps each requested output to its name; an output that is requested twice is computed once.
    private readonly int[] _outputNumbers;
    private readonly int _batchSize;
    private readonly bool _fixedBatch;
    private readonly RunOptions _runOptions = new();
    private volatile bool _disposed;

    /// <summary>Takes ownership of <paramref name="session"/>, even if the constructor throws.</summary>
    public OnnxRuntimeInferenceSession(InferenceSession session, IReadOnlyList<string>? outputs, int maxBatchSize, string? file)
    {
        _session = session;
        try
        {
            // Old files also list initializers among the inputs, but the runtime does not count these.
            if (session.InputMetadata.Count != 1)
            {
                throw new ModelFormatException(
                    $"the model has {session.InputMetadata.Count} inputs ({string.Join(", ", session.InputNames)}); expected one", file);
            }

            (string inputName, NodeMetadata input) = session.InputMetadata.Single();
            int[] dimensions = Dimensions(inputName, input, file);
            if (dimensions.Length != 4 || dimensions.AsSpan(1).ContainsAnyInRange(int.MinValue, 0))
            {
                throw new ModelFormatException(
                    $"input '{inputName}' has shape [{string.Join(", ", dimensions)}]; "
                    + "expected batch x channels x height x width, all fixed except the batch",
                    file);
            }

            _inputNames = [inputName];
            InputShape = new Shape(dimensions[1], dimensions[2], dimensions[3]);
            _fixedBatch = dimensions[0] > 0;
            _batchSize = _fixedBatch ? dimensions[0] : maxBatchSize;

            outputs ??= session.OutputNames;
            _outputNames = [.. outputs.Distinct(StringComparer.Ordinal)];
            _outputNumbers = [.. outputs.Select(name => Array.IndexOf(_outputNames, name))];
            _outputDimensions = [.. _outputNames.Select(name => OutputDimensions(name, file))];
            OutputShapes = ImmutableArray.CreateRange(_outputNumbers.Select(number => ShapeOf(_outputDimensions[number])));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public Shape InputShape { get; }

    public IReadOnlyList<Shape> OutputShapes { get; }

    public void Run(ReadOnlyMemory<float> input, int count, IReadOnlyList<Memory<float>> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckRun(input, count, InputShape, outputs, OutputShapes);
        for (int start = 0; start < count; start += _batchSize)
        {
            int samples = Math.Min(_batchSize, count - start);
            if (samples == _batchSize || !_fixedBatch)
            {
                Memory<float>[] parts =
                    [.. outputs.Select((output, i) => output.Slice(start * OutputShapes[i].Length, samples * OutputShapes[i].Length))];
                RunBatch(Part(input, start, samples, InputShape), samples, parts);
            }
            else
            {
                RunPadded(input, start, samples, outputs);
            }
        }
    }

    /// <summary>Runs one sample of zeros, or one batch if the batch size is fixed.</summary>
    public void WarmUp()
    {
        int samples = _fixedBatch ? _batchSize : 1;
        Memory<float>[] outputs = [.. OutputShapes.Select(shape => new float[samples * shape.Length].AsMemory())];
        Run(new float[samples * InputShape.Length], samples, outputs);
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _runOptions.Dispose();
            _session.Dispose();
        }
    }

    private static ReadOnlyMemory<float> Part(ReadOnlyMemory<float> values, int start, int samples, Shape shape) =>
        values.Slice(start * shape.Length, samples * shape.Length);

    private static Shape ShapeOf(long[] dimensions) => new(
        (int)dimensions[1],
        dimensions.Length > 2 ? (int)dimensions[2] : 1,
        dimensions.Length > 3 ? (int)dimensions[3] : 1);

    /// <summary>Runs a model with a fixed batch size on fewer samples, padding the batch with zeros.</summary>
    private void RunPadded(ReadOnlyMemory<float> input, int start, int samples, IReadOnlyList<Memory<float>> outputs)
    {
        var whole = new float[_batchSize * InputShape.Length];
        Part(input, start, samples, InputShape).CopyTo(whole);
        Memory<float>[] results = [.. OutputShapes.Select(shape => new float[_batchSize * shape.Length].AsMemory())];
        RunBatch(whole, _batchSize, results);
        for (int i = 0; i < results.Length; i++)
        {
            int length = OutputShapes[i].Length;
            results[i][..(samples * length)].CopyTo(outputs[i][(start * length)..]);
        }
    }

    private void RunBatch(ReadOnlyMemory<float> input, int samples, Memory<float>[] outputs)
    {
        // ONNX Runtime only reads the input, but its API takes writable memory.
        long[] inputDimensions = [samples, InputShape.Channels, InputShape.Height, InputShape.Width];
        using OrtValue inputValue = Tensor(MemoryMarshal.AsMemory(input), inputDimensions);
        var outputValues = new OrtValue[_outputNames.Length];
        try
        {
            for (int number = 0; number < outputValues.Length; number++)
            {
                long[] dimensions = [.. _outputDimensions[number]];
                dimensions[0] = samples;
                outputValues[number] = Tensor(outputs[Array.IndexOf(_outputNumbers, number)], dimensions);
            }

            _session.Run(_runOptions, _inputNames, [inputValue], _outputNames, outputValues);
        }
        finally
        {
            foreach (OrtValue? value in outputValues)
            {
                value?.Dispose();
            }
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            int first = Array.IndexOf(_outputNumbers, _outputNumbers[i]);
            if (first != i)
            {
                outputs[first].CopyTo(outputs[i]);
            }
        }
    }

    private static OrtValue Tensor(Memory<float> values, long[] dimensions) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, dimensions);

    private long[] OutputDimensions(string name, string? file)
    {
        if (!_session.OutputMetadata.TryGetValue(name, out NodeMetadata? metadata))
        {
            throw new ArgumentException(
                $"The model has no output '{name}'; it has {string.Join(", ", _session.OutputNames)}.", nameof(name));
        }

        int[] dimensions = Dimensions(name, metadata, file);
        return dimensions.Length is >= 2 and <= 4 && !dimensions.AsSpan(1).ContainsAnyInRange(int.MinValue, 0)
            ? [.. dimensions.Select(dimension => (long)dimension)]
            : throw new ModelFormatException(
                $"output '{name}' has shape [{string.Join(", ", dimensions)}]; expected the batch and one to three fixed dimensions",
                file);
    }

    private static int[] Dimensions(string name, NodeMetadata metadata, string? file) =>
        metadata.IsTensor && metadata.ElementDataType == TensorElementType.Float
            ? metadata.Dimensions
            : throw new ModelFormatException($"'{name}' is not a float32 tensor", file);
}
