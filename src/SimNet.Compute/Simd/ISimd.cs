namespace SimNet.Compute;

/// <summary>
/// The operations that the kernels are written in, so that each kernel stands once and runs at every width.
/// A kernel is generic over an implementation and its vector; the JIT makes one specialized copy for each.
/// </summary>
/// <typeparam name="TVector">The vector, or <see cref="float"/> for the scalar form.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Number of values in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* target);

    /// <summary>A vector with this value everywhere.</summary>
    static abstract TVector Create(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>left * right + addend, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    static abstract TVector Sqrt(TVector value);

    /// <summary>The nearest whole number, the even one of two.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value * 2^exponent, for whole exponents from -126 to 128, of which the last counts as infinite.</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector value, TVector exponent);

    static abstract TVector Log(TVector value);

    /// <summary>Where left is greater than right yes, elsewhere (NaN included) no.</summary>
    static abstract TVector SelectGreater(TVector left, TVector right, TVector yes, TVector no);

    static abstract TVector SelectEqual(TVector left, TVector right, TVector yes, TVector no);

    /// <summary>Where the value is NaN yes, elsewhere no.</summary>
    static abstract TVector SelectNaN(TVector value, TVector yes, TVector no);

    /// <summary>The sum of the vector's values.</summary>
    static abstract float Sum(TVector value);
}
