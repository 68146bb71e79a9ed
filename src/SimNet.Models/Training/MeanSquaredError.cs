namespace SimNet.Models;

/// <summary>
/// Mean squared error, (output - target)², averaged over all values of the batch, as PyTorch's <c>MSELoss</c> with mean reduction.
/// </summary>
public sealed record MeanSquaredError : Loss;
