using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// Some parameters' values one after the other in one tensor, so that the optimizer needs a few operations for all of them, and a copy
/// to or from the device is one. Each begins on a multiple of 64 bytes; the gaps are 0.
/// </summary>
internal sealed class FlatTensors : IDisposable
{
    private const int Multiple = 16;

    private readonly TorchDevice _device;
    private readonly int[] _starts;

    /// <summary>Zeros for these parameters, in order.</summary>
    public FlatTensors(IReadOnlyList<ParameterInfo> parameters, TorchDevice device)
        : this(parameters, device, flat: null)
    {
    }

    private FlatTensors(IReadOnlyList<ParameterInfo> parameters, TorchDevice device, Tensor? flat)
    {
        _device = device;
        Parameters = parameters;
        _starts = new int[parameters.Count + 1];
        for (int i = 0; i < parameters.Count; i++)
        {
            _starts[i + 1] = checked(_starts[i] + (parameters[i].Count + Multiple - 1) / Multiple * Multiple);
        }

        Flat = (flat ?? zeros([Length], ScalarType.Float32, device.Device)).DetachFromDisposeScope();
        Views = [.. parameters.Select((parameter, i) => View(parameter, i))];
    }

    public IReadOnlyList<ParameterInfo> Parameters { get; }

    public int Length => _starts[^1];

    /// <summary>All values.</summary>
    public Tensor Flat { get; }

    /// <summary>Each parameter's values in its shape, in the memory of <see cref="Flat"/>; a change of the one is a change of the other.</summary>
    public Tensor[] Views { get; }

    /// <summary>Where a parameter's values begin; the length for the number of parameters.</summary>
    public int StartOf(int parameter) => _starts[parameter];

    /// <summary>Takes over a tensor for each parameter, already checked.</summary>
    public void Read(Func<ParameterInfo, WeightTensor> tensorOf)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        var values = new float[Length];
        for (int i = 0; i < Parameters.Count; i++)
        {
            tensorOf(Parameters[i]).Values.Span.CopyTo(values.AsSpan(_starts[i]));
        }

        Flat.copy_(_device.Upload(values, [Length]));
    }

    /// <summary>A copy of each parameter's values.</summary>
    public IEnumerable<(ParameterInfo Parameter, WeightTensor Tensor)> Export()
    {
        var values = new float[Length];
        TorchDevice.Download(Flat, values);
        for (int i = 0; i < Parameters.Count; i++)
        {
            yield return (Parameters[i], new WeightTensor(Parameters[i].Dimensions, values.AsMemory(_starts[i], Parameters[i].Count).ToArray()));
        }
    }

    /// <summary>The same values in memory of their own.</summary>
    public FlatTensors Clone() => new(Parameters, _device, Flat.clone());

    public void Dispose()
    {
        foreach (Tensor view in Views)
        {
            view.Dispose();
        }

        Flat.Dispose();
    }

    private Tensor View(ParameterInfo parameter, int number)
    {
        using DisposeScope scope = NewDisposeScope();
        return Flat.narrow(0, _starts[number], parameter.Count).view([.. parameter.Dimensions.Select(d => (long)d)]).DetachFromDisposeScope();
    }
}
