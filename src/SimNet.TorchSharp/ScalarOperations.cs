using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// Operations with a scalar. TorchSharp creates a <see cref="Scalar"/> object for each number, which the garbage collector may finalize
/// while native code still reads it; these methods keep it alive until the operation completes. An addition has a scalar too: the factor 1
/// of the summand. All additions and all operations with scalars must go through this class.
/// </summary>
internal static class ScalarOperations
{
    public static Tensor Times(this Tensor values, double factor) => With(factor, values.mul);

    public static Tensor Plus(this Tensor values, double summand) => With(summand, scalar => With(1, one => values.add(scalar, one)));

    public static Tensor Plus(this Tensor values, Tensor summand) => With(1, one => values.add(summand, one));

    public static Tensor LeakyRelu(this Tensor values, double slope) => With(slope, values.leaky_relu);

    public static Tensor RaisedTo(this Tensor values, double exponent) => With(exponent, values.pow);

    public static Tensor GreaterThan(this Tensor values, double minimum) => With(minimum, values.gt);

    public static Tensor LessThan(this Tensor values, double maximum) => With(maximum, values.lt);

    public static Tensor EqualTo(this Tensor values, double number) => With(number, values.eq);

    public static Tensor ClampTo(this Tensor values, double minimum, double maximum)
    {
        using Scalar low = minimum, high = maximum;
        return values.clamp(low, high);
    }

    /// <summary>Multiplies in place; the methods that follow operate in place as well.</summary>
    public static Tensor MultiplyBy(this Tensor values, double factor) => With(factor, values.mul_);

    public static Tensor DivideBy(this Tensor values, double divisor) => With(divisor, scalar => values.div_(scalar));

    public static Tensor Add(this Tensor values, double summand) => With(summand, scalar => With(1, one => values.add_(scalar, one)));

    public static Tensor AddScaled(this Tensor values, Tensor summand, double factor)
        => With(factor, scalar => values.add_(summand, scalar));

    public static Tensor AddProduct(this Tensor values, Tensor first, Tensor second, double factor)
        => With(factor, scalar => values.addcmul_(first, second, scalar));

    public static Tensor AddQuotient(this Tensor values, Tensor dividend, Tensor divisor, double factor)
        => With(factor, scalar => values.addcdiv_(dividend, divisor, scalar));

    private static Tensor With(double number, Func<Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(scalar);
    }
}
