namespace SimNet.TorchSharp.Tests;

/// <summary>The back ends that are compared, and how.</summary>
internal static class Backends
{
    public static IComputeBackend Managed { get; } = new ManagedBackend();

    public static IComputeBackend Torch { get; } = new TorchSharpBackend(new TorchSharpBackendOptions { Device = ComputeDevice.Cpu });

    /// <summary>The largest difference of two state dicts' tensors, each relative to its largest value; names must be the same.</summary>
    public static double Distance(StateDict expected, StateDict actual, double floor = 1e-3)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, tensor => Assert.Equal(tensor.Value.Dimensions, actual[tensor.Key].Dimensions));
        return expected.Select(tensor => ComputeData.Distance(ComputeData.Wide(tensor.Value.Values.Span), ComputeData.Wide(actual[tensor.Key].Values.Span), floor)).DefaultIfEmpty().Max();
    }

    /// <summary>What a step changed.</summary>
    public static StateDict Change(StateDict before, StateDict after) => new(before.Select(tensor => KeyValuePair.Create(
        tensor.Key, new WeightTensor(tensor.Value.Dimensions, tensor.Value.Values.ToArray().Zip(after.Values(tensor.Key), (a, b) => b - a).ToArray()))));
}
