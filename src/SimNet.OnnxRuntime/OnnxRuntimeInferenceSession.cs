using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SimNet.Models;

namespace SimNet.OnnxRuntime;

/// <summary>
/// An inference session of ONNX Runtime. It uses the buffers of the caller directly if they have the type of the model, without copying
/// them on the CPU. Thread-safe, as is the underlying session.
/// </summary>
internal sealed class OnnxRuntimeInferenceSession : IInferenceSession
{
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly TensorElementType _inputType;
    private readonly string[] _outputNames;
    private readonly TensorElementType[] _outputTypes;

    // The dimensions of each output, without the batch.
    private readonly long[][] _outputDimensions;

    // Maps each requested output to its name; an output that is requested twice is computed once.
    private readonly int[] _outputNumbers;
    private readonly bool _hasBatch;

    // For each output, whether its first dimension is the batch. It can be that, of 1, without a batch in the input.
    private readonly bool[] _outputHasBatch;
    private readonly int _batchSize;
    private readonly bool _fixedBatch;
    private readonly RunOptions _runOptions = new();
    private volatile bool _disposed;

    /// <summary>Takes ownership of <paramref name="session"/>, even if the constructor throws.</summary>
    public OnnxRuntimeInferenceSession(
        InferenceSession session, IReadOnlyList<string>? outputs, int maxBatchSize, string? file, Shape? inputShape)
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
            _inputNames = [inputName];
            _inputType = TypeOf(inputName, input, file, TensorConversion.SupportsInput, "float32, float16, float64, or uint8");
            int[] dimensions = input.Dimensions;
            _hasBatch = dimensions.Length == 4;
            InputShape = InputShapeOf(inputName, dimensions, inputShape, file);
            _fixedBatch = !_hasBatch || dimensions[0] > 0;
            _batchSize = !_hasBatch ? 1 : _fixedBatch ? dimensions[0] : maxBatchSize;

            outputs ??= session.OutputNames;
            _outputNames = [.. outputs.Distinct(StringComparer.Ordinal)];
            _outputNumbers = [.. outputs.Select(name => Array.IndexOf(_outputNames, name))];
            _outputTypes = [.. _outputNames.Select(name =>
                TypeOf(name, Output(name), file, TensorConversion.SupportsOutput, "float32, float16, or float64"))];
            long[][] whole = OutputDimensions(file);
            _outputHasBatch = [.. whole.Select(sizes => _hasBatch || (sizes.Length > 1 && sizes[0] == 1))];
            _outputDimensions = [.. whole.Select((sizes, i) => _outputHasBatch[i] ? sizes[1..] : sizes)];
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
        (int)dimensions[0],
        dimensions.Length > 1 ? (int)dimensions[1] : 1,
        dimensions.Length > 2 ? (int)dimensions[2] : 1);

    /// <summary>The shape of one sample: that of the model, with the free dimensions of the given shape.</summary>
    private static Shape InputShapeOf(string name, int[] dimensions, Shape? given, string? file)
    {
        string text = $"input '{name}' has shape [{string.Join(", ", dimensions.Select(size => size > 0 ? $"{size}" : "free"))}]";
        if (dimensions.Length is not (3 or 4))
        {
            throw new ModelFormatException($"{text}; expected batch x channels x height x width, or channels x height x width", file);
        }

        int[] sizes = dimensions[^3..];
        if (given is { } shape)
        {
            int[] wanted = [shape.Channels, shape.Height, shape.Width];
            return sizes.Zip(wanted).All(pair => pair.Second > 0 && (pair.First <= 0 || pair.First == pair.Second))
                ? shape
                : throw new ModelFormatException($"{text}, but the input shape is {string.Join(" x ", wanted)}", file);
        }

        return sizes.All(size => size > 0)
            ? new Shape(sizes[0], sizes[1], sizes[2])
            : throw new ModelFormatException($"{text}; give the shape of one sample ('inputShape') for the free dimensions", file);
    }

    private static TensorElementType TypeOf(
        string name, NodeMetadata metadata, string? file, Func<TensorElementType, bool> supports, string expected) =>
        metadata.IsTensor && supports(metadata.ElementDataType)
            ? metadata.ElementDataType
            : throw new ModelFormatException(
                $"'{name}' is {(metadata.IsTensor ? $"a tensor of type {metadata.ElementDataType}" : "not a tensor")}; expected {expected}",
                file);

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
        using OrtValue inputValue = InputValue(input, samples);
        var outputValues = new OrtValue[_outputNames.Length];
        var results = new TensorConversion.Result[_outputNames.Length];
        try
        {
            for (int number = 0; number < outputValues.Length; number++)
            {
                long[] dimensions = _outputHasBatch[number] ? [samples, .. _outputDimensions[number]] : _outputDimensions[number];
                results[number] = TensorConversion.Prepare(
                    _outputTypes[number], outputs[Array.IndexOf(_outputNumbers, number)], dimensions);
                outputValues[number] = results[number].Value;
            }

            _session.Run(_runOptions, _inputNames, [inputValue], _outputNames, outputValues);
            foreach (TensorConversion.Result result in results)
            {
                result.Complete();
            }
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

    // ONNX Runtime only reads the input, but its API takes writable memory.
    private OrtValue InputValue(ReadOnlyMemory<float> input, int samples) => TensorConversion.Create(
        _inputType,
        MemoryMarshal.AsMemory(input),
        _hasBatch
            ? [samples, InputShape.Channels, InputShape.Height, InputShape.Width]
            : [InputShape.Channels, InputShape.Height, InputShape.Width]);

    private NodeMetadata Output(string name) => _session.OutputMetadata.TryGetValue(name, out NodeMetadata? metadata)
        ? metadata
        : throw new ArgumentException(
            $"The model has no output '{name}'; it has {string.Join(", ", _session.OutputNames)}.", nameof(name));

    /// <summary>
    /// The dimensions of each output: those of the model if it fixes all but the batch, otherwise those of a run on zeros.
    /// </summary>
    private long[][] OutputDimensions(string? file)
    {
        long[][] declared = [.. _outputNames.Select(name => Array.ConvertAll(Output(name).Dimensions, size => (long)size))];
        bool isFixed = _hasBatch && declared.All(sizes => sizes.Length is >= 2 and <= 4 && sizes.Skip(1).All(size => size > 0));
        long[][] found = isFixed ? declared : MeasureOutputs();
        for (int i = 0; i < found.Length; i++)
        {
            long[] sizes = found[i];
            int least = _hasBatch ? 2 : 1;
            bool fits = sizes.Length >= least && sizes.Length <= 4 && (sizes.Length < 4 || _hasBatch || sizes[0] == 1);
            if (!fits || (!isFixed && _hasBatch && sizes[0] != (_fixedBatch ? _batchSize : 1)))
            {
                throw new ModelFormatException(
                    $"output '{_outputNames[i]}' has shape [{string.Join(", ", sizes)}]; expected "
                    + (_hasBatch ? "the batch and one to three dimensions" : "one to three dimensions"),
                    file);
            }
        }

        return found;
    }

    private long[][] MeasureOutputs()
    {
        int samples = _fixedBatch ? _batchSize : 1;
        using OrtValue input = InputValue(new float[samples * InputShape.Length], samples);
        using IDisposableReadOnlyCollection<OrtValue> values = _session.Run(_runOptions, _inputNames, [input], _outputNames);
        return [.. values.Select(value => value.GetTensorTypeAndShape().Shape)];
    }
}
