using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>One way forward through a network: whose parameters it takes, and in training what it draws.</summary>
internal sealed record ForwardPass(TorchDevice Device, IReadOnlyDictionary<string, Tensor> Parameters, TrainingPass? Training, CancellationToken CancellationToken = default)
{
    public Tensor Parameter(string name) => Parameters[name];

    /// <summary>
    /// The outputs of some layers, in their order, as tensors of the scope around. A tensor goes as soon as no layer takes it any more;
    /// in training the way back keeps what it needs of it.
    /// </summary>
    public Tensor[] Run(Network network, bool[] needed, IReadOnlyList<int> wanted, Tensor input)
    {
        int[] lastUse = LastUses(network, needed, wanted);
        var operations = new LayerOperations(this);
        var values = new Tensor?[network.Layers.Length];
        for (int i = 0; i < network.Layers.Length; i++)
        {
            if (!needed[i])
            {
                continue;
            }

            CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] inputs = [.. network.Sources[i].Select(source => source < 0 ? input : values[source]!)];
            values[i] = operations.Run(network.Layers[i], new LayerOperations.Inputs(inputs, network.OutputShapes[i], i)).MoveToOuterDisposeScope();
            foreach (int source in network.Sources[i])
            {
                if (source >= 0 && lastUse[source] == i)
                {
                    values[source]?.Dispose();
                    values[source] = null;
                }
            }
        }

        return [.. wanted.Select(layer => values[layer]!)];
    }

    private static int[] LastUses(Network network, bool[] needed, IReadOnlyList<int> wanted)
    {
        var last = new int[network.Layers.Length];
        for (int i = 0; i < last.Length; i++)
        {
            foreach (int source in network.Sources[i])
            {
                if (needed[i] && source >= 0)
                {
                    last[source] = i;
                }
            }
        }

        foreach (int layer in wanted)
        {
            last[layer] = int.MaxValue;
        }

        return last;
    }
}
