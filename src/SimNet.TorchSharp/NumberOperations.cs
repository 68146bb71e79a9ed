using TorchSharp;
using static TorchSharp.torch;

namespace SimNet.TorchSharp;

/// <summary>
/// Operations with a number. TorchSharp makes an object of each number, which the collector may free while native code still reads it:
/// here it is held until the operation is done. A sum has such a number too, the 1 that the summand is multiplied by. Nowhere else is a
/// number given to a tensor's operation, or a tensor added to another.
/// </summary>
internal static class NumberOperations
{
    public static Tensor Times(this Tensor values, double factor) => With(factor, values.mul);

    public static Tensor Plus(this Tensor values, double summand) => With(summand, scalar => With(1, one => values.add(scalar, one)));

    public static Tensor Plus(this Tensor values, Tensor summand) => With(1, one => values.add(summand, one));

    public static Tensor LeakyRelu(this Tensor values, double slope) => With(slope, values.leaky_relu);

    public static Tensor IsAbove(this Tensor values, double least) => With(least, values.gt);

    public static Tensor IsBelow(this Tensor values, double most) => With(most, values.lt);

    public static Tensor Is(this Tensor values, double number) => With(number, values.eq);

    public static Tensor HeldTo(this Tensor values, double least, double most)
    {
        using Scalar minimum = least, maximum = most;
        return values.clamp(minimum, maximum);
    }

    /// <summary>In place, as all that follow.</summary>
    public static Tensor MultiplyBy(this Tensor values, double factor) => With(factor, values.mul_);

    public static Tensor DivideBy(this Tensor values, double divisor) => With(divisor, scalar => values.div_(scalar));

    public static Tensor Add(this Tensor values, double summand) => With(summand, scalar => With(1, one => values.add_(scalar, one)));

    public static Tensor AddScaled(this Tensor values, Tensor summand, double factor) => With(factor, scalar => values.add_(summand, scalar));

    public static Tensor AddProduct(this Tensor values, Tensor first, Tensor second, double factor) => With(factor, scalar => values.addcmul_(first, second, scalar));

    public static Tensor AddQuotient(this Tensor values, Tensor dividend, Tensor divisor, double factor) => With(factor, scalar => values.addcdiv_(dividend, divisor, scalar));

    private static Tensor With(double number, Func<Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(scalar);
    }
}
