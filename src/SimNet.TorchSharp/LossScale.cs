namespace SimNet.TorchSharp;

/// <summary>
/// The factor that lifts half precision's gradients above its smallest numbers (Micikevicius et al., "Mixed precision training", 2018):
/// halved as long as gradients overflow, doubled after many steps without. A power of 2, so that it comes out again without a rounding.
/// </summary>
internal sealed class LossScale(double start = LossScale.Start)
{
    private const double Start = 65536, Most = 1L << 40;
    private const int StepsToGrow = 2000;
    private int _steps;

    public double Value { get; private set; } = start;

    /// <summary>Whether there is a smaller one to try.</summary>
    public bool Shrink()
    {
        _steps = 0;
        Value /= 2;
        return Value >= 1;
    }

    /// <summary>Counts a step whose gradients were finite.</summary>
    public void Count()
    {
        if (++_steps >= StepsToGrow)
        {
            _steps = 0;
            Value = Math.Min(2 * Value, Most);
        }
    }
}
