namespace SimNet.TorchSharp;

/// <summary>The arguments of the forward pass of a training step.</summary>
/// <param name="Seed">The session's seed.</param>
/// <param name="Step">The number of completed steps.</param>
/// <param name="IsTrained">For each layer, whether the step updates its parameters.</param>
internal sealed record TrainingPass(int Seed, long Step, bool[] IsTrained);
