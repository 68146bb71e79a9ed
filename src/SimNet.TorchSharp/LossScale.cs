namespace SimNet.TorchSharp;

/// <summary>
/// The factor of dynamic loss scaling, which keeps half-precision gradients from underflowing (Micikevicius et al., "Mixed Precision
/// Training", 2018). It is halved while gradients overflow and doubled after many steps without overflow. It is a power of 2, so that
/// unscaling is exact.
/// </summary>
internal sealed class LossScale(double start = LossScale.Start)
{
    private const double Start = 65536, Maximum = 1L << 40;
    private const int StepsToGrow = 2000;
    private int _steps;

    /// <summary>The current factor.</summary>
    public double Value { get; private set; } = start;

    /// <summary>Halves the factor; false if it is below 1, so that there is nothing left to try.</summary>
    public bool Shrink()
    {
        _steps = 0;
        Value /= 2;
        return Value >= 1;
    }

    /// <summary>Counts a step with finite gradients.</summary>
    public void Count()
    {
        if (++_steps >= StepsToGrow)
        {
            _steps = 0;
            Value = Math.Min(2 * Value, Maximum);
        }
    }
}
