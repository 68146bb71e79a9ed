using SimNet.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>A forward pass through a network.</summary>
/// <param name="Device">The device.</param>
/// <param name="Parameters">The parameters by name.</param>
/// <param name="Training">The arguments of a training step; null in inference.</param>
/// <param name="CancellationToken">Cancels the pass between layers.</param>
internal sealed record ForwardPass(
    TorchDevice Device,
    IReadOnlyDictionary<string, Tensor> Parameters,
    TrainingPass? Training,
    CancellationToken CancellationToken = default)
{
    public Tensor Parameter(string name) => Parameters[name];

    /// <summary>
    /// Computes the outputs of the given layers, as tensors of the enclosing dispose scope. A tensor is disposed after its last use; in
    /// training, autograd keeps what the backward pass needs.
    /// </summary>
    public Tensor[] Run(Network network, bool[] needed, IReadOnlyList<int> outputs, Tensor input)
    {
        int[] lastUse = LastUses(network, needed, outputs);
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
            Tensor output = operations.Run(network.Layers[i], new LayerOperations.Inputs(inputs, network.OutputShapes[i], i));
            values[i] = output.MoveToOuterDisposeScope();
            foreach (int source in network.Sources[i])
            {
                if (source >= 0 && lastUse[source] == i)
                {
                    values[source]?.Dispose();
                    values[source] = null;
                }
            }
        }

        return [.. outputs.Select(layer => values[layer]!)];
    }

    private static int[] LastUses(Network network, bool[] needed, IReadOnlyList<int> outputs)
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

        foreach (int layer in outputs)
        {
            last[layer] = int.MaxValue;
        }

        return last;
    }
}
