using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// A group of parameters whose values are concatenated in one flat tensor, so that the optimizer updates all of them with a few operations
/// and transfers them to or from the device in a single copy. Each parameter starts at a multiple of 64 bytes; the gaps are 0.
/// </summary>
internal sealed class ParameterGroup : IDisposable
{
    private const int Alignment = 16;

    private readonly TorchDevice _device;
    private readonly int[] _starts;

    /// <summary>Creates a group of these parameters, in order, with all values 0.</summary>
    public ParameterGroup(IReadOnlyList<ParameterInfo> parameters, TorchDevice device)
        : this(parameters, device, flat: null)
    {
    }

    private ParameterGroup(IReadOnlyList<ParameterInfo> parameters, TorchDevice device, Tensor? flat)
    {
        _device = device;
        Parameters = parameters;
        _starts = new int[parameters.Count + 1];
        for (int i = 0; i < parameters.Count; i++)
        {
            _starts[i + 1] = checked(_starts[i] + (parameters[i].Count + Alignment - 1) / Alignment * Alignment);
        }

        Flat = (flat ?? zeros([Length], ScalarType.Float32, device.Device)).DetachFromDisposeScope();
        Views = [.. parameters.Select((parameter, i) => View(parameter, i))];
    }

    public IReadOnlyList<ParameterInfo> Parameters { get; }

    public int Length => _starts[^1];

    /// <summary>The flat tensor of all values.</summary>
    public Tensor Flat { get; }

    /// <summary>A view of <see cref="Flat"/> for each parameter, in the shape of the parameter.</summary>
    public Tensor[] Views { get; }

    /// <summary>Offset of a parameter in <see cref="Flat"/>. For the number of parameters, the length.</summary>
    public int StartOf(int parameter) => _starts[parameter];

    /// <summary>Copies a tensor for each parameter; the tensors are already validated.</summary>
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

    /// <summary>Copies the values of each parameter.</summary>
    public IEnumerable<(ParameterInfo Parameter, WeightTensor Tensor)> Export()
    {
        var values = new float[Length];
        TorchDevice.Download(Flat, values);
        for (int i = 0; i < Parameters.Count; i++)
        {
            yield return (
                Parameters[i], new WeightTensor(Parameters[i].Dimensions, values.AsMemory(_starts[i], Parameters[i].Count).ToArray()));
        }
    }

    /// <summary>A copy with memory of its own.</summary>
    public ParameterGroup Clone() => new(Parameters, _device, Flat.clone());

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
        long[] dimensions = [.. parameter.Dimensions.Select(d => (long)d)];
        return Flat.narrow(0, _starts[number], parameter.Count).view(dimensions).DetachFromDisposeScope();
    }
}
