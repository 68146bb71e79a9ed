namespace SimNet.Models.Tests;

/// <summary>Keeps reports as they come, on the thread that makes them; may do something at each.</summary>
internal sealed class ProgressList(Action<TrainingProgress>? onReport = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Reports { get; } = [];

    public void Report(TrainingProgress value)
    {
        Reports.Add(value);
        onReport?.Invoke(value);
    }
}
