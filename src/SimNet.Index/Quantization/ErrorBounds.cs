namespace SimNet.Index;

/// <summary>The information that the codes lose, in the units of the projection; one value per row.</summary>
/// <param name="residuals">The norm of the part of the row outside the encoded dimensions.</param>
/// <param name="errors">The largest distance of the code and its residual from the exact projection and residual of the row.</param>
internal readonly unsafe struct ErrorBounds(float* residuals, float* errors)
{
    public float* Residuals { get; } = residuals;

    public float* Errors { get; } = errors;
}
