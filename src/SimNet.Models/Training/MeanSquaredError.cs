namespace SimNet.Models;

/// <summary>(output - target)², averaged over every value of every sample of the batch, as PyTorch's <c>MSELoss</c> with mean reduction.</summary>
public sealed record MeanSquaredError : Loss;
