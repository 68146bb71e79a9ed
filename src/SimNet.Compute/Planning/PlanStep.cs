namespace SimNet.Compute;

/// <summary>One step of a plan, split into independent units of work.</summary>
/// <param name="Name">The layer that the step belongs to.</param>
/// <param name="Units">Number of units. Results are bitwise identical whatever the thread and order in which units run.</param>
/// <param name="Run">Runs one unit on the worker's sample.</param>
internal sealed record PlanStep(string Name, int Units, Action<Worker, int> Run);
