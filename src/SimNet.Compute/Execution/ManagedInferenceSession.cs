using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace SimNet.Compute;

/// <summary>
/// Inference with <see cref="ManagedBackend"/>. Concurrent calls share the plan and the weights; each call rents its own workers.
/// </summary>
internal sealed unsafe class ManagedInferenceSession : IInferenceSession
{
    private readonly ExecutionPlan _plan;
    private readonly int _threads;
    private readonly ConcurrentBag<(PlanExecutor Runner, SessionCall Call)> _idle = [];
    private volatile bool _disposed;

    public ManagedInferenceSession(Network network, StateDict weights, IReadOnlyList<string> outputs, KernelSet kernels, int threads)
    {
        (network, weights) = BatchNormFolding.Fold(network, weights, outputs);
        int[] requested = network.IndexesOf(outputs);
        var parameters = new ParameterTable(network, weights);
        var operators = new OperatorSet(network, kernels, parameters, requested, training: false);
        foreach (BatchNormOperator? norm in operators.Norms)
        {
            norm?.PrepareInference();
        }

        _plan = PlanBuilder.CreateForward(network, kernels, operators, requested);
        _threads = threads;
        InputShape = network.InputShape;
        OutputShapes = ImmutableArray.CreateRange(requested.Select(layer => network.OutputShapes[layer]));
    }

    public Shape InputShape { get; }

    public IReadOnlyList<Shape> OutputShapes { get; }

    public void Run(ReadOnlyMemory<float> input, int count, IReadOnlyList<Memory<float>> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SessionArguments.CheckRun(input, count, InputShape, outputs, OutputShapes);
        if (!_idle.TryTake(out (PlanExecutor Runner, SessionCall Call) rented))
        {
            rented = (new PlanExecutor(_plan, _threads, share: true), new SessionCall(OutputShapes.Count));
        }

        try
        {
            rented.Call.Count = count;
            rented.Call.SetInput(input);
            for (int number = 0; number < outputs.Count; number++)
            {
                rented.Call.SetOutput(number, outputs[number]);
            }

            rented.Runner.Run(count, rented.Call);
        }
        finally
        {
            rented.Call.Dispose();
        }

        _idle.Add(rented);
    }

    public void Dispose()
    {
        _disposed = true;
        _idle.Clear();
    }
}
