using System.Runtime.CompilerServices;

namespace SimNet.Models;

/// <summary>
/// What is done with a kernel's result as it is written, so that no pass over the values is made for it: added to what is there, and
/// a (leaky) ReLU or the gradient of one. The default writes the result as it is.
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

    /// <summary>Of the activation, for values that are not positive; 0 is ReLU.</summary>
    public float Slope { get; private init; }

    /// <summary>Adds to what is there instead of writing over it.</summary>
    public bool Accumulate { get; init; }

    /// <summary>For a gradient: from the result to the layer's output, whose sign decides.</summary>
    public nint SignsOffset { get; private init; }

    /// <summary>The value where it is not negative, slope * value where it is; NaN stays NaN.</summary>
    public static Epilogue Activate(float slope) => new() { Kind = Form.Activation, Slope = slope };

    /// <summary>The value where the activation's output is positive, slope * value elsewhere.</summary>
    /// <param name="slope">Slope of the activation.</param>
    /// <param name="outputs">Outputs of the activation.</param>
    /// <param name="results">Where the results go; output and result of a place are as far from each other everywhere.</param>
    public Epilogue Gradient(float slope, float* outputs, float* results)
        => this with { Kind = Form.Gradient, Slope = slope, SignsOffset = (nint)outputs - (nint)results };

    /// <summary>What is to be written to <paramref name="target"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(float* target, TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Accumulate)
        {
            value = TSimd.Add(TSimd.Load(target), value);
        }

        if (Kind != Form.None)
        {
            // 0 times infinity would be NaN.
            TVector small = Slope == 0 ? default : TSimd.Multiply(value, TSimd.Create(Slope));
            value = Kind == Form.Activation
                ? TSimd.SelectGreater(default, value, small, value)
                : TSimd.SelectGreater(TSimd.Load((float*)((nint)target + SignsOffset)), default, value, small);
        }

        return value;
    }
}
