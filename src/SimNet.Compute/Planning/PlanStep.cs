namespace SimNet.Compute;

/// <summary>One step of a plan, done in parts that do not depend on each other.</summary>
/// <param name="Name">The layer that it belongs to.</param>
/// <param name="Units">Number of parts. Whoever does which, and in what order, the values are the same to the bit.</param>
/// <param name="Run">Does a part of the worker's sample.</param>
internal sealed record PlanStep(string Name, int Units, Action<Worker, int> Run);
