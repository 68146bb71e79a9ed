using static SimNet.Models.OnnxIntermediateKind;

namespace SimNet.Models;

/// <summary>
/// Recognizes operations that exporters decompose: normalization to unit length, layer norm, and GELU. Their steps are
/// <see cref="OnnxIntermediate"/>s, and the last step appends the layer.
/// </summary>
/// <param name="layers">Receives the layers.</param>
/// <param name="layouts">Brings the values of feature maps in order.</param>
internal sealed class OnnxDecompositions(OnnxNetworkBuilder layers, OnnxLayoutImporter layouts)
{
    // The names of the layer norms that have no scale and no shift yet, or no shift.
    private readonly HashSet<string> _unscaled = new(StringComparer.Ordinal), _unshifted = new(StringComparer.Ordinal);

    /// <summary>Imports a reduction over the channels at each pixel.</summary>
    public OnnxIntermediate Reduction(OnnxNode node, OnnxFeatureMap map) => (node.Operation, node.Inputs[0]) switch
    {
        ("ReduceMean", OnnxIntermediate { Kind: CenteredSquare }) => new OnnxIntermediate(Variance, map),
        ("ReduceMean", OnnxFeatureMap) => new OnnxIntermediate(Mean, map),
        ("ReduceL2", OnnxFeatureMap) => new OnnxIntermediate(Norm, map),
        ("ReduceSumSquare", OnnxFeatureMap) => new OnnxIntermediate(SumOfSquares, map),
        ("ReduceSum", OnnxFeatureMap of) when SquareOf(of) is { } root =>
            new OnnxIntermediate(SumOfSquares, layouts.WithChannels(node, root)),
        _ => throw node.Unsupported("this reduction over the channels, other than in a normalization,"),
    };

    public OnnxValue Difference(OnnxNode node, OnnxFeatureMap of, OnnxIntermediate part) =>
        part.Kind == Mean && IsOf(node, of, part)
            ? part with { Kind = Centered }
            : throw Unsupported(node, part);

    public static OnnxValue Sum(OnnxNode node, OnnxIntermediate part, float? number) => (part.Kind, number) switch
    {
        (Variance, float epsilon) => part with { Epsilon = part.Epsilon + epsilon },
        (ErrorFunction, 1) => part with { Kind = TwiceDistribution },
        _ => throw Unsupported(node, part),
    };

    public OnnxValue Product(OnnxNode node)
    {
        switch (node.Inputs)
        {
            case [OnnxIntermediate { Kind: Centered } left, OnnxIntermediate { Kind: Centered } right] when IsSame(left.Of, right.Of):
                return left with { Kind = CenteredSquare };
            case [OnnxIntermediate { Kind: Centered } centered, OnnxIntermediate { Kind: Deviation, IsInverse: true } inverse]:
                return Norms(node, centered, inverse);
            case [OnnxIntermediate { Kind: Deviation, IsInverse: true } inverse, OnnxIntermediate { Kind: Centered } centered]:
                return Norms(node, centered, inverse);
            case [OnnxFeatureMap of, OnnxIntermediate { Kind: Norm, IsInverse: true } norm]:
                return Normalized(node, of, norm);
            case [OnnxIntermediate { Kind: Norm, IsInverse: true } norm, OnnxFeatureMap of]:
                return Normalized(node, of, norm);
            case [OnnxFeatureMap of, OnnxIntermediate part]:
                return Gelu(node, of, part);
            case [OnnxIntermediate part, OnnxFeatureMap of]:
                return Gelu(node, of, part);
            case [OnnxIntermediate part, OnnxConstant]:
                return Halved(node, part, node.NumberAt(1));
            case [OnnxConstant, OnnxIntermediate part]:
                return Halved(node, part, node.NumberAt(0));
            default:
                throw Unsupported(node, node.Inputs.OfType<OnnxIntermediate>().First());
        }
    }

    public OnnxValue Quotient(OnnxNode node) => node.Inputs switch
    {
        [OnnxIntermediate { Kind: Centered } centered, OnnxIntermediate { Kind: Deviation, IsInverse: false } deviation] =>
            Norms(node, centered, deviation),
        [OnnxFeatureMap of, OnnxIntermediate { Kind: Norm, IsInverse: false } norm] => Normalized(node, of, norm),
        [OnnxConstant, OnnxIntermediate { IsInverse: false } part] when node.NumberAt(0) == 1 => Power(node, part, -1),
        [OnnxIntermediate part, OnnxConstant] when node.NumberAt(1) == 2 => Halved(node, part, 0.5f),
        _ => throw Unsupported(node, node.Inputs.OfType<OnnxIntermediate>().First()),
    };

    public static OnnxValue Power(OnnxNode node, OnnxIntermediate part, float exponent) => (part.Kind, exponent) switch
    {
        (Centered, 2) => part with { Kind = CenteredSquare },
        (Variance, 0.5f) => part with { Kind = Deviation },
        (Variance, -0.5f) => part with { Kind = Deviation, IsInverse = true },
        (SumOfSquares, 0.5f) => part with { Kind = Norm },
        (SumOfSquares, -0.5f) => part with { Kind = Norm, IsInverse = true },
        (Deviation or Norm, -1) when !part.IsInverse => part with { IsInverse = true },
        _ => throw Unsupported(node, part),
    };

    /// <summary>A lower bound keeps a norm from being 0.</summary>
    public static OnnxValue Clip(OnnxNode node, OnnxIntermediate part, float minimum, float maximum) => part switch
    {
        { Kind: Norm, IsInverse: false } when maximum >= float.MaxValue =>
            part with { Epsilon = Math.Max(part.Epsilon, minimum) },
        { Kind: SumOfSquares } when maximum >= float.MaxValue =>
            part with { Epsilon = Math.Max(part.Epsilon, MathF.Sqrt(Math.Max(minimum, 0))) },
        _ => throw Unsupported(node, part),
    };

    /// <summary>The error function of a feature map divided by the square root of 2.</summary>
    public OnnxIntermediate ErrorFunctionOf(OnnxNode node)
    {
        OnnxFeatureMap map = node.Map(0);
        return ScaledBy(map, 0.70710678f) is { } of
            ? new OnnxIntermediate(ErrorFunction, of)
            : throw node.Unsupported("the error function, other than in GELU,");
    }

    /// <summary>
    /// Makes the scale or the shift of a layer norm that was decomposed its parameters; returns false if it has them already.
    /// </summary>
    public bool TryScale(LayerNorm2d norm, float[]? scale, float[]? shift)
    {
        if (scale is not null && shift is null && _unscaled.Remove(norm.Name))
        {
            layers.SetParameter($"{norm.Name}.weight", scale);
            return true;
        }

        if (scale is null && shift is not null && _unshifted.Remove(norm.Name))
        {
            _unscaled.Remove(norm.Name);
            layers.SetParameter($"{norm.Name}.bias", shift);
            return true;
        }

        return false;
    }

    private OnnxFeatureMap Norms(OnnxNode node, OnnxIntermediate centered, OnnxIntermediate deviation)
    {
        if (!IsSame(centered.Of, deviation.Of))
        {
            throw Unsupported(node, deviation);
        }

        OnnxFeatureMap map = centered.Of;
        float[] ones = layers.Allocate(map.Shape.Channels), zeros = layers.Allocate(map.Shape.Channels);
        Array.Fill(ones, 1);
        OnnxFeatureMap result = layers.Append(
            new LayerNorm2d(node.LayerName()) { Epsilon = deviation.Epsilon },
            [map],
            new WeightTensor([ones.Length], ones),
            new WeightTensor([zeros.Length], zeros));
        _unscaled.Add(result.Source);
        _unshifted.Add(result.Source);
        return result with { Layout = map.Layout };
    }

    private OnnxFeatureMap Normalized(OnnxNode node, OnnxFeatureMap of, OnnxIntermediate norm) => IsOf(node, of, norm)
        ? layers.Append(new L2Normalization(node.LayerName()) { Epsilon = norm.Epsilon }, [norm.Of]) with { Layout = norm.Of.Layout }
        : throw Unsupported(node, norm);

    private OnnxValue Gelu(OnnxNode node, OnnxFeatureMap of, OnnxIntermediate part)
    {
        if (part.Kind is TwiceDistribution or Distribution)
        {
            OnnxFeatureMap? half = part.Kind == TwiceDistribution ? ScaledBy(of, 0.5f) : null;
            if (IsSame(half ?? of, part.Of))
            {
                OnnxFeatureMap gelu = layers.Append(new Gelu(node.LayerName()), [part.Of]) with { Layout = part.Of.Layout };
                return part.Kind == Distribution || half is not null ? gelu : new OnnxIntermediate(Twice, gelu);
            }
        }

        throw Unsupported(node, part);
    }

    private static OnnxValue Halved(OnnxNode node, OnnxIntermediate part, float? factor) => (part.Kind, factor) switch
    {
        (TwiceDistribution, 0.5f) => part with { Kind = Distribution },
        (Twice, 0.5f) => part.Of,
        _ => throw Unsupported(node, part),
    };

    /// <summary>Returns the feature map that another one is the square of; null for none.</summary>
    private OnnxFeatureMap? SquareOf(OnnxFeatureMap map) => layers.ProducerOf(map) switch
    {
        Power { Exponent: 2 } power => layers.OutputOf(power.Inputs[0], map.Layout),
        Multiply multiply when multiply.Inputs[0] == multiply.Inputs[1] => layers.OutputOf(multiply.Inputs[0], map.Layout),
        _ => null,
    };

    /// <summary>Returns the feature map that another one is a multiple of; null for none.</summary>
    private OnnxFeatureMap? ScaledBy(OnnxFeatureMap map, float factor) =>
        layers.ProducerOf(map) is Conv2d { HasBias: false } convolution
        && convolution.KernelSize == 1
        && convolution.Groups == convolution.OutChannels
        && layers.Weights[$"{convolution.Name}.weight"].Values.Span.IndexOfAnyExceptInRange(factor - 1e-6f, factor + 1e-6f) < 0
            ? layers.OutputOf(convolution.Inputs[0], map.Layout)
            : null;

    /// <summary>Whether a statistic is that of this feature map.</summary>
    private bool IsOf(OnnxNode node, OnnxFeatureMap map, OnnxIntermediate part) => IsSame(layouts.WithChannels(node, map), part.Of);

    private static bool IsSame(OnnxFeatureMap left, OnnxFeatureMap right) =>
        left.Source == right.Source && left.Layout.Equals(right.Layout);

    private static FormatException Unsupported(OnnxNode node, OnnxIntermediate part) =>
        node.Unsupported($"{part.Description}, other than in a normalization or GELU,");
}
