namespace SimNet.Models;

/// <summary>
/// Binary cross-entropy, -(target log output + (1 - target) log(1 - output)), averaged over all values of the batch. As PyTorch's
/// <c>BCELoss</c> with mean reduction, it clamps each logarithm to at least -100. Outputs and targets are in [0, 1].
/// </summary>
public sealed record BinaryCrossEntropy : Loss;
