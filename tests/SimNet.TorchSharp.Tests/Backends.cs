namespace SimNet.TorchSharp.Tests;

/// <summary>The back ends that are compared, and how.</summary>
internal static class Backends
{
    public static ITrainingBackend Managed { get; } = new ManagedBackend();

    private static readonly Lazy<(TorchSharpBackend? Backend, string? Problem)> Opened = new(Open);

    /// <summary>TorchSharp on the CPU; skips the test, with the reason, where its native library does not load.</summary>
    public static ITrainingBackend Torch
    {
        get
        {
            Skip.If(Opened.Value.Backend is null, Opened.Value.Problem);
            return Opened.Value.Backend!;
        }
    }

    /// <summary>Skips the test, with the reason, where TorchSharp's native library does not load.</summary>
    public static void Require() => _ = Torch;

    /// <summary>The largest difference of two state dicts' tensors, each relative to its largest value; names must be the same.</summary>
    public static double Distance(StateDict expected, StateDict actual, double floor = 1e-3)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, tensor => Assert.Equal(tensor.Value.Dimensions, actual[tensor.Key].Dimensions));
        return expected.Select(tensor => NetworkData.Distance(NetworkData.Wide(tensor.Value.Values.Span), NetworkData.Wide(actual[tensor.Key].Values.Span), floor)).DefaultIfEmpty().Max();
    }

    /// <summary>TorchSharp with these options; skips the test, with the reason, where its native library does not load.</summary>
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

    /// <summary>What a step changed.</summary>
    public static StateDict Change(StateDict before, StateDict after) => new(before.Select(tensor => KeyValuePair.Create(
        tensor.Key, new WeightTensor(tensor.Value.Dimensions, tensor.Value.Values.ToArray().Zip(after.Values(tensor.Key), (a, b) => b - a).ToArray()))));
}
