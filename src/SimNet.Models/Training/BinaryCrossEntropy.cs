namespace SimNet.Models;

/// <summary>
/// -(target log output + (1 - target) log(1 - output)) for outputs in 0 to 1, averaged over every value of every sample of the batch,
/// as PyTorch's <c>BCELoss</c> with mean reduction: each logarithm is held at -100 or above.
/// </summary>
public sealed record BinaryCrossEntropy : Loss;
