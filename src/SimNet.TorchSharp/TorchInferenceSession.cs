using System.Collections.Immutable;
using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>Inference with TorchSharp. Calls only read the weights, so that they may run concurrently.</summary>
internal sealed class TorchInferenceSession : IInferenceSession
{
    private readonly Network _network;
    private readonly int[] _outputs;
    private readonly bool[] _needed;
    private readonly TorchDevice _device;
    private readonly Dictionary<string, Tensor> _parameters = new(StringComparer.Ordinal);
    private readonly ReaderWriterLockSlim _lifetime = new();
    private bool _disposed;

    public TorchInferenceSession(Network network, StateDict weights, int[] outputs, TorchDevice device)
    {
        _network = network;
        _outputs = outputs;
        _needed = network.FindRequired(outputs);
        _device = device;
        foreach (ParameterInfo parameter in network.Parameters)
        {
            TensorValidation.GetTensor(weights, parameter.Name, parameter, nameof(weights));
        }

        InputShape = network.InputShape;
        OutputShapes = ImmutableArray.CreateRange(outputs.Select(layer => network.OutputShapes[layer]));
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < network.Layers.Length; i++)
        {
            ScalarType type = network.Layers[i] switch
            {
                Conv2d => device.ConvolutionType,
                ConvTranspose2d => device.TransposedType,
                _ => ScalarType.Float32,
            };
            foreach (ParameterInfo parameter in _needed[i] ? network.ParametersByLayer[i] : [])
            {
                Tensor value = device.Upload(weights[parameter.Name].Values.Span, [.. parameter.Dimensions.Select(d => (long)d)]);
                _parameters.Add(parameter.Name, value.to(type).DetachFromDisposeScope());
            }
        }
    }

    public Shape InputShape { get; }

    public IReadOnlyList<Shape> OutputShapes { get; }

    public void Run(ReadOnlyMemory<float> input, int count, IReadOnlyList<Memory<float>> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckRun(input, count, InputShape, outputs, OutputShapes);

        // Dispose waits for running calls.
        _lifetime.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using IDisposable mode = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] results = new ForwardPass(_device, _parameters, Training: null)
                .Run(_network, _needed, _outputs, _device.Upload(input.Span, count, InputShape));
            for (int number = 0; number < outputs.Count; number++)
            {
                TorchDevice.Download(results[number], outputs[number].Span);
            }
        }
        finally
        {
            _lifetime.ExitReadLock();
        }
    }

    public void Dispose()
    {
        _lifetime.EnterWriteLock();
        try
        {
            _disposed = true;
            foreach (Tensor parameter in _parameters.Values)
            {
                parameter.Dispose();
            }
        }
        finally
        {
            _lifetime.ExitWriteLock();
        }
    }
}
