namespace SimNet.TorchSharp.Tests;

/// <summary>The back ends to compare, and comparisons.</summary>
internal static class Backends
{
    public static ITrainingBackend Managed { get; } = new ManagedBackend();

    private static readonly Lazy<(TorchSharpBackend? Backend, string? Problem)> Opened = new(Open);

    /// <summary>TorchSharp on the CPU; skips the test with the reason if its native library cannot be loaded.</summary>
    public static ITrainingBackend Torch
    {
        get
        {
            Skip.If(Opened.Value.Backend is null, Opened.Value.Problem);
            return Opened.Value.Backend!;
        }
    }

    /// <summary>Skips the test with the reason if the native library of TorchSharp cannot be loaded.</summary>
    public static void Require() => _ = Torch;

    /// <summary>
    /// The largest difference between the tensors of two state dicts, relative to the largest value of each tensor; names must be equal.
    /// </summary>
    public static double Distance(StateDict expected, StateDict actual, double floor = 1e-3)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, tensor => Assert.Equal(tensor.Value.Dimensions, actual[tensor.Key].Dimensions));
        return expected.Select(tensor => NetworkData.Distance(
            NetworkData.Wide(tensor.Value.Values.Span), NetworkData.Wide(actual[tensor.Key].Values.Span), floor)).DefaultIfEmpty().Max();
    }

    /// <summary>TorchSharp with the given options; skips the test with the reason if its native library cannot be loaded.</summary>
    public static TorchSharpBackend Open(TorchSharpBackendOptions options)
    {
        Require();
        return new TorchSharpBackend(options);
    }

    private static (TorchSharpBackend? Backend, string? Problem) Open()
    {
        try
        {
            return (new TorchSharpBackend(new TorchSharpBackendOptions { Device = ComputeDevice.Cpu }), null);
        }
        catch (NativeLibraryException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>The difference between two states.</summary>
    public static StateDict Change(StateDict before, StateDict after) => new(before.Select(tensor => KeyValuePair.Create(
        tensor.Key,
        new WeightTensor(
            tensor.Value.Dimensions, tensor.Value.Values.ToArray().Zip(after.Values(tensor.Key), (a, b) => b - a).ToArray()))));
}
