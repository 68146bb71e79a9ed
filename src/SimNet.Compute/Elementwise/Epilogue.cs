using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// The operations fused into the stores of a kernel, which save a pass over memory: accumulation, then an activation or the gradient of
/// an activation. The default value stores the result unchanged.
/// </summary>
internal readonly unsafe record struct Epilogue
{
    private enum Form
    {
        None,
        Activation,
        Gradient,
    }

    private Form Kind { get; init; }

    private Activation Activation { get; init; }

    /// <summary>Whether to add to the target instead of overwriting it.</summary>
    public bool Accumulate { get; init; }

    /// <summary>For a gradient: the distance in bytes from a result to the corresponding activation output.</summary>
    public nint OutputOffset { get; private init; }

    /// <summary>An epilogue that applies an activation; null for none.</summary>
    public static Epilogue Activate(Activation? activation)
        => activation is Activation known ? new() { Kind = Form.Activation, Activation = known } : default;

    /// <summary>An epilogue that turns the gradient of an activation's output into the gradient of its input.</summary>
    /// <param name="activation">The activation; <see cref="Activation.GradientFromOutput"/> must be true.</param>
    /// <param name="outputs">The outputs of the activation.</param>
    /// <param name="results">The target of the results, in the same layout as <paramref name="outputs"/>.</param>
    public Epilogue Gradient(Activation activation, float* outputs, float* results)
        => this with { Kind = Form.Gradient, Activation = activation, OutputOffset = (nint)outputs - (nint)results };

    /// <summary>
    /// Whether the activation is exponential, so that <see cref="ApplyExponential"/> must be called instead of <see cref="Apply"/>.
    /// </summary>
    public bool IsExponential => Kind == Form.Activation && Activation.IsExponential;

    /// <summary>The value to store to <paramref name="target"/> if <see cref="IsExponential"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector ApplyExponential<TSimd, TVector>(float* target, TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => Activation.ApplyExponential<TSimd, TVector>(Accumulate ? TSimd.Add(TSimd.Load(target), value) : value);

    /// <summary>The value to store to <paramref name="target"/> unless <see cref="IsExponential"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(float* target, TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Accumulate)
        {
            value = TSimd.Add(TSimd.Load(target), value);
        }

        if (Kind == Form.Activation)
        {
            value = Activation.Apply<TSimd, TVector>(value);
        }
        else if (Kind == Form.Gradient)
        {
            value = Activation.Gradient<TSimd, TVector>(TSimd.Load((float*)((nint)target + OutputOffset)), value);
        }

        return value;
    }
}
