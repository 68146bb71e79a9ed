using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// What is done with a kernel's result as it is written, so that no pass over the values is made for it: added to what is there, and
/// an activation or the gradient of one. The default writes the result as it is.
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

    /// <summary>Adds to what is there instead of writing over it.</summary>
    public bool Accumulate { get; init; }

    /// <summary>For a gradient: from the result to the layer's output, which tells the slope.</summary>
    public nint OutputOffset { get; private init; }

    /// <summary>The activation's result for the value; null for the value.</summary>
    public static Epilogue Activate(Activation? activation) => activation is Activation known ? new() { Kind = Form.Activation, Activation = known } : default;

    /// <summary>The gradient of the activation's input where the value is that of its output.</summary>
    /// <param name="activation">The activation, whose gradient must be known from its output.</param>
    /// <param name="outputs">Outputs of the activation.</param>
    /// <param name="results">Where the results go; output and result of a place are as far from each other everywhere.</param>
    public Epilogue Gradient(Activation activation, float* outputs, float* results)
        => this with { Kind = Form.Gradient, Activation = activation, OutputOffset = (nint)outputs - (nint)results };

    /// <summary>Whether it applies an exponential activation: <see cref="ApplyExponential"/> is to be called then.</summary>
    public bool IsExponential => Kind == Form.Activation && Activation.IsExponential;

    /// <summary>As <see cref="Apply"/> where <see cref="IsExponential"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector ApplyExponential<TSimd, TVector>(float* target, TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => Activation.ApplyExponential<TSimd, TVector>(Accumulate ? TSimd.Add(TSimd.Load(target), value) : value);

    /// <summary>What is to be written to <paramref name="target"/>, unless <see cref="IsExponential"/>.</summary>
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
