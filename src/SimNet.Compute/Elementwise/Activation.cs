using System.Runtime.CompilerServices;

namespace SimNet.Compute;

/// <summary>
/// An elementwise activation function and its gradient. A kernel can fuse it into its <see cref="Epilogue"/>; otherwise it is a step of
/// its own (<see cref="ElementKernel"/>).
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
        Gelu,
        Power,
    }

    private Form Kind { get; init; }

    /// <summary>The slope, the minimum, alpha, or the exponent, depending on the kind.</summary>
    private float First { get; init; }

    /// <summary>The maximum, or beta, depending on the kind.</summary>
    private float Second { get; init; }

    /// <summary>Whether the gradient is a function of the output; otherwise it needs the input.</summary>
    public bool GradientFromOutput => Kind switch
    {
        Form.LeakyRelu => First >= 0,
        Form.HardSwish or Form.Silu or Form.Gelu or Form.Power => false,
        _ => true,
    };

    /// <summary>Whether the function is monotonically nondecreasing, so that it commutes with max pooling.</summary>
    public bool IsMonotonic => Kind switch
    {
        Form.LeakyRelu or Form.HardSigmoid => First >= 0,
        Form.HardSwish or Form.Silu or Form.Gelu or Form.Power => false,
        _ => true,
    };

    /// <summary>Whether the function is SiLU.</summary>
    public bool IsSilu => Kind == Form.Silu;

    /// <summary>Whether the function needs an exponential, which is expensive, most of all without vectors.</summary>
    public bool IsExponential => Kind is Form.Sigmoid or Form.Silu;

    /// <summary>Whether the function is never fused into another step (see <see cref="StandaloneActivation"/>).</summary>
    public bool IsStandalone => Kind is Form.Gelu or Form.Power;

    /// <summary>The activation of an activation layer; null for other layers.</summary>
    public static Activation? Of(Layer layer) => (layer as ActivationLayer)?.Accept(Forms.Instance, default);

    /// <summary>The value if it is not negative, otherwise slope * value; a slope of 0 is ReLU.</summary>
    public static Activation LeakyRelu(float slope) => new() { Kind = Form.LeakyRelu, First = slope };

    /// <summary>
    /// Applies the function, which must not be <see cref="IsExponential"/> or <see cref="IsStandalone"/>; NaN propagates. Exponential
    /// functions are separate because their code is long, and a call instead would make every kernel spill its vector registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (Kind == Form.LeakyRelu)
        {
            // 0 * infinity is NaN.
            TVector small = First == 0 ? default : TSimd.Multiply(value, TSimd.Create(First));
            return TSimd.SelectGreater(default, value, small, value);
        }

        if (Kind == Form.Clip)
        {
            return Clip<TSimd, TVector>(value, TSimd.Create(First), TSimd.Create(Second));
        }

        if (Kind == Form.HardSwish)
        {
            TVector gate = TSimd.MultiplyAdd(value, TSimd.Create(1f / 6), TSimd.Create(0.5f));
            return TSimd.Multiply(value, Clip<TSimd, TVector>(gate, default, TSimd.Create(1)));
        }

        return Clip<TSimd, TVector>(TSimd.MultiplyAdd(value, TSimd.Create(First), TSimd.Create(Second)), default, TSimd.Create(1));
    }

    /// <summary>Applies an <see cref="IsExponential"/> function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector ApplyExponential<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Create(1);
        TVector below = TSimd.Add(one, Exponential.Of<TSimd, TVector>(TSimd.Subtract(default, value)));
        return TSimd.Divide(Kind == Form.Silu ? value : one, below);
    }

    /// <summary>Applies an <see cref="IsStandalone"/> function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector ApplyStandalone<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => Kind == Form.Power
            ? StandaloneActivation.Power<TSimd, TVector>(value, First)
            : TSimd.Multiply(value, StandaloneActivation.NormalDistribution<TSimd, TVector>(value));

    /// <summary>The gradient of the input of an <see cref="IsStandalone"/> function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector GradientOfStandalone<TSimd, TVector>(TVector input, TVector gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector slope = Kind == Form.Power
            ? TSimd.Multiply(TSimd.Create(First), StandaloneActivation.Power<TSimd, TVector>(input, First - 1))
            : StandaloneActivation.SlopeOfGelu<TSimd, TVector>(input);
        return TSimd.Multiply(gradient, slope);
    }

    /// <summary>
    /// The gradient of the function's input; not for SiLU (see <see cref="GradientOfSilu"/>) or an <see cref="IsStandalone"/> function.
    /// </summary>
    /// <param name="known">The function's output if <see cref="GradientFromOutput"/>, otherwise its input.</param>
    /// <param name="gradient">The gradient of the function's output.</param>
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
            slope = TSimd.SelectGreater(
                known, TSimd.Create(-3), TSimd.SelectGreater(TSimd.Create(3), known, slope, TSimd.Create(1)), default);
            return TSimd.Multiply(gradient, slope);
        }

        if (Kind == Form.Sigmoid)
        {
            return TSimd.Multiply(gradient, TSimd.Multiply(known, TSimd.Subtract(TSimd.Create(1), known)));
        }

        return Between<TSimd, TVector>(known, default, TSimd.Create(1), TSimd.Multiply(gradient, TSimd.Create(First)));
    }

    /// <summary>The gradient of the input of SiLU. With s = sigmoid(x), the derivative is s (1 + x (1 - s)).</summary>
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
    private static TVector Clip<TSimd, TVector>(TVector value, TVector minimum, TVector maximum)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => TSimd.SelectGreater(minimum, value, minimum, TSimd.SelectGreater(value, maximum, maximum, value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Between<TSimd, TVector>(TVector value, TVector minimum, TVector maximum, TVector yes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        => TSimd.SelectGreater(value, minimum, TSimd.SelectGreater(maximum, value, yes, default), default);

    /// <summary>Maps each activation layer to its function.</summary>
    private sealed class Forms : IActivationVisitor<ValueTuple, Activation>
    {
        public static Forms Instance { get; } = new();

        public Activation Visit(Relu layer, ValueTuple argument) => LeakyRelu(0);

        public Activation Visit(LeakyRelu layer, ValueTuple argument) => LeakyRelu(layer.NegativeSlope);

        public Activation Visit(Clip layer, ValueTuple argument)
            => new() { Kind = Form.Clip, First = layer.Minimum, Second = layer.Maximum };

        public Activation Visit(HardSigmoid layer, ValueTuple argument)
            => new() { Kind = Form.HardSigmoid, First = layer.Alpha, Second = layer.Beta };

        public Activation Visit(HardSwish layer, ValueTuple argument) => new() { Kind = Form.HardSwish };

        public Activation Visit(Sigmoid layer, ValueTuple argument) => new() { Kind = Form.Sigmoid };

        public Activation Visit(Silu layer, ValueTuple argument) => new() { Kind = Form.Silu };

        public Activation Visit(Gelu layer, ValueTuple argument) => new() { Kind = Form.Gelu };

        public Activation Visit(Power layer, ValueTuple argument) => new() { Kind = Form.Power, First = layer.Exponent };
    }
}
