using System.Text;
using SimNet.Evaluation;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>Charts of the loss and the accuracy of a training by epoch.</summary>
internal static class LearningCurves
{
    /// <summary>Writes <c>MODEL.loss.svg</c> and <c>MODEL.accuracy.svg</c>.</summary>
    /// <returns>The paths of the two files.</returns>
    public static string[] Write(string model, IReadOnlyList<EpochRecord> history)
    {
        return
        [
            Draw("loss", "Loss", record => record.TrainingLoss, record => record.ValidationLoss),
            Draw("accuracy", "Accuracy", record => record.TrainingMetric, record => record.ValidationMetric),
        ];

        string Draw(string suffix, string title, Func<EpochRecord, double?> training, Func<EpochRecord, double?> validation)
        {
            var chart = new LineChart
            {
                Title = title,
                XTitle = "epoch",
                Series = [Line("training", training), Line("validation", validation)],
            };
            string path = $"{model}.{suffix}.svg";
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(chart.ToSvg())));
            return path;
        }

        LineSeries Line(string name, Func<EpochRecord, double?> value) =>
            LineSeries.FromValues(name, history.Select(record => value(record) ?? double.NaN));
    }
}
