namespace SimNet.Index;

/// <summary>What codes leave unsaid of their rows, in the projection's units, a number for each row.</summary>
/// <param name="residuals">The length of what lies outside of the directions that the code tells of.</param>
/// <param name="errors">How far the code with its residual may be from the row's own numbers and residual.</param>
internal readonly unsafe struct ErrorBounds(float* residuals, float* errors)
{
    public float* Residuals { get; } = residuals;

    public float* Errors { get; } = errors;
}
