namespace SimNet.Models;

/// <summary>What training minimises, averaged over every value of every sample of the batch.</summary>
public enum Loss
{
    /// <summary>(output - target)², as PyTorch's <c>MSELoss</c> with mean reduction.</summary>
    MeanSquaredError,

    /// <summary>
    /// -(target log output + (1 - target) log(1 - output)) for outputs in 0 to 1, as PyTorch's <c>BCELoss</c> with mean reduction:
    /// each logarithm is held at -100 or above.
    /// </summary>
    BinaryCrossEntropy,
}
