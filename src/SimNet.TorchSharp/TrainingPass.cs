namespace SimNet.TorchSharp;

/// <summary>What a training step's way forward needs besides the parameters.</summary>
/// <param name="Seed">The session's seed.</param>
/// <param name="Step">Number of steps done before.</param>
/// <param name="Learns">For each layer whether the step changes its parameters.</param>
internal sealed record TrainingPass(int Seed, long Step, bool[] Learns);
