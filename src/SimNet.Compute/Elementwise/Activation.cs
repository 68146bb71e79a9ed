using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// A function that is applied value by value, of whatever layer: with it go its gradient and what may be done with it. Kernels apply it
/// as they write (<see cref="Epilogue"/>) or in a step of its own (<see cref="ElementKernel"/>).
/// </summary>
internal readonly record struct Activation
{
    private enum Form
    {
        LeakyRelu,
        Clip,
        HardSigmoid,
        HardSwish,
        Sigmoid,
        Silu,
    }

    private Form Kind { get; init; }

    /// <summary>The slope, the least value, or alpha.</summary>
    private float First { get; init; }

    /// <summary>The largest value, or beta.</summary>
    private float Second { get; init; }

    /// <summary>Whether the gradient can be told from the function's output; from its input alone otherwise.</summary>
    public bool GradientFromOutput => Kind switch
    {
        Form.LeakyRelu => First >= 0,
        Form.HardSwish or Form.Silu => false,
        _ => true,
    };

    /// <summary>Whether no larger value gets a smaller result.</summary>
    public bool IsMonotonic => Kind switch
    {
        Form.LeakyRelu or Form.HardSigmoid => First >= 0,
        Form.HardSwish or Form.Silu => false,
        _ => true,
    };

    /// <summary>Whether it is SiLU.</summary>
    public bool IsSilu => Kind == Form.Silu;

    /// <summary>Whether it takes an exponential: dear, and dearest value by value.</summary>
    public bool IsExponential => Kind is Form.Sigmoid or Form.Silu;

    /// <summary>What a layer does value by value; null where it does something else.</summary>
    public static Activation? Of(Layer layer) => (layer as ActivationLayer)?.Accept(Forms.Instance, default);

    /// <summary>The value where it is not negative, slope * value where it is; slope 0 is ReLU.</summary>
    public static Activation LeakyRelu(float slope) => new() { Kind = Form.LeakyRelu, First = slope };

    /// <summary>
    /// The function of each value, unless it <see cref="IsExponential"/>; NaN stays NaN. The exponential's code is long, and a call in its place would have every
    /// kernel keep its vectors in memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Kind == Form.LeakyRelu)
        {
            // 0 times infinity would be NaN.
            TVector small = First == 0 ? default : TSimd.Multiply(value, TSimd.Create(First));
            return TSimd.SelectGreater(default, value, small, value);
        }

        if (Kind == Form.Clip)
        {
            return Clip<TSimd, TVector>(value, TSimd.Create(First), TSimd.Create(Second));
        }

        if (Kind == Form.HardSwish)
        {
            return TSimd.Multiply(value, Clip<TSimd, TVector>(TSimd.MultiplyAdd(value, TSimd.Create(1f / 6), TSimd.Create(0.5f)), default, TSimd.Create(1)));
        }

        return Clip<TSimd, TVector>(TSimd.MultiplyAdd(value, TSimd.Create(First), TSimd.Create(Second)), default, TSimd.Create(1));
    }

    /// <summary>As <see cref="Apply"/>, of an exponential one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector ApplyExponential<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Create(1);
        TVector below = TSimd.Add(one, Exponential.Of<TSimd, TVector>(TSimd.Subtract(default, value)));
        return TSimd.Divide(Kind == Form.Silu ? value : one, below);
    }

    /// <summary>The gradient of the function's input, unless it is SiLU's.</summary>
    /// <param name="known">The function's output where <see cref="GradientFromOutput"/> says so, else its input.</param>
    /// <param name="gradient">The gradient of its output.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Gradient<TSimd, TVector>(TVector known, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Kind == Form.LeakyRelu)
        {
            TVector small = First == 0 ? default : TSimd.Multiply(gradient, TSimd.Create(First));
            return TSimd.SelectGreater(known, default, gradient, small);
        }

        if (Kind == Form.Clip)
        {
            return Between<TSimd, TVector>(known, TSimd.Create(First), TSimd.Create(Second), gradient);
        }

        if (Kind == Form.HardSwish)
        {
            TVector slope = TSimd.MultiplyAdd(known, TSimd.Create(1f / 3), TSimd.Create(0.5f));
            slope = TSimd.SelectGreater(known, TSimd.Create(-3), TSimd.SelectGreater(TSimd.Create(3), known, slope, TSimd.Create(1)), default);
            return TSimd.Multiply(gradient, slope);
        }

        if (Kind == Form.Sigmoid)
        {
            return TSimd.Multiply(gradient, TSimd.Multiply(known, TSimd.Subtract(TSimd.Create(1), known)));
        }

        return Between<TSimd, TVector>(known, default, TSimd.Create(1), TSimd.Multiply(gradient, TSimd.Create(First)));
    }

    /// <summary>As <see cref="Gradient"/>, of SiLU: with s the sigmoid of its input x, s (1 + x (1 - s)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector GradientOfSilu<TSimd, TVector>(TVector input, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Create(1);
        TVector sigmoid = TSimd.Divide(one, TSimd.Add(one, Exponential.Of<TSimd, TVector>(TSimd.Subtract(default, input))));
        TVector slope = TSimd.Multiply(sigmoid, TSimd.MultiplyAdd(input, TSimd.Subtract(one, sigmoid), one));
        return TSimd.Multiply(gradient, slope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clip<TSimd, TVector>(TVector value, TVector least, TVector most)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => TSimd.SelectGreater(least, value, least, TSimd.SelectGreater(value, most, most, value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Between<TSimd, TVector>(TVector value, TVector least, TVector most, TVector yes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => TSimd.SelectGreater(value, least, TSimd.SelectGreater(most, value, yes, default), default);

    /// <summary>The form of each kind of layer.</summary>
    private sealed class Forms : IActivationVisitor<ValueTuple, Activation>
    {
        public static Forms Instance { get; } = new();

        public Activation Visit(Relu layer, ValueTuple argument) => LeakyRelu(0);

        public Activation Visit(LeakyRelu layer, ValueTuple argument) => LeakyRelu(layer.NegativeSlope);

        public Activation Visit(Clip layer, ValueTuple argument) => new() { Kind = Form.Clip, First = layer.Minimum, Second = layer.Maximum };

        public Activation Visit(HardSigmoid layer, ValueTuple argument)
            => new() { Kind = Form.HardSigmoid, First = layer.Alpha, Second = layer.Beta };

        public Activation Visit(HardSwish layer, ValueTuple argument) => new() { Kind = Form.HardSwish };

        public Activation Visit(Sigmoid layer, ValueTuple argument) => new() { Kind = Form.Sigmoid };

        public Activation Visit(Silu layer, ValueTuple argument) => new() { Kind = Form.Silu };
    }
}
