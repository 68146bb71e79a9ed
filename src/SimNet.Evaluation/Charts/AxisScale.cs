namespace SimNet.Evaluation;

/// <summary>The scale of an axis of a <see cref="LineChart"/>.</summary>
public enum AxisScale
{
    /// <summary>Equal differences have equal lengths.</summary>
    Linear,

    /// <summary>Equal ratios have equal lengths. Only values above 0 can be shown.</summary>
    Logarithmic,
}
