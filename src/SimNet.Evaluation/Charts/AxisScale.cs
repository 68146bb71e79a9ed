namespace SimNet.Evaluation;

/// <summary>How numbers stand along an axis of a <see cref="LineChart"/>.</summary>
public enum AxisScale
{
    /// <summary>Equal differences take equal lengths.</summary>
    Linear,

    /// <summary>Equal ratios take equal lengths; only numbers above 0 have a place.</summary>
    Logarithmic,
}
