using System.Globalization;
using System.Text;

namespace SimNet.Evaluation;

/// <summary>The number of samples of each actual class that are predicted to be of each class. Immutable.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;
    private readonly long[] _actual;
    private readonly long[] _predicted;
    private readonly string[] _classNames;

    /// <summary>Counts pairs of actual and predicted classes.</summary>
    /// <param name="actual">The actual class number of each sample: 0 to the number of classes - 1.</param>
    /// <param name="predicted">The predicted class number of each sample, in the same order.</param>
    /// <param name="classNames">The names of the classes, by class number; at least one.</param>
    /// <exception cref="ArgumentException">
    /// The lists differ in length, there are no class names, or a class number is out of range.
    /// </exception>
    public ConfusionMatrix(ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        if (classNames.Count == 0)
        {
            throw new ArgumentException("No class names; expected at least one.", nameof(classNames));
        }

        if (actual.Length != predicted.Length)
        {
            throw new ArgumentException(
                $"{predicted.Length} predicted classes for {actual.Length} actual ones; expected the same number.", nameof(predicted));
        }

        _classNames = [.. classNames];
        int classes = _classNames.Length;
        _counts = new long[classes, classes];
        _actual = new long[classes];
        _predicted = new long[classes];
        for (int i = 0; i < actual.Length; i++)
        {
            int row = Check(actual[i], i, nameof(actual));
            int column = Check(predicted[i], i, nameof(predicted));
            _counts[row, column]++;
            _actual[row]++;
            _predicted[column]++;
        }

        Total = actual.Length;

        int Check(int number, int sample, string parameter) => (uint)number < (uint)classes
            ? number
            : throw new ArgumentException($"Sample {sample} has class {number}; expected 0 to {classes - 1}.", parameter);
    }

    /// <summary>The names of the classes, by class number.</summary>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>The number of samples.</summary>
    public long Total { get; }

    /// <summary>The number of samples of one class that are predicted to be of another or the same class.</summary>
    /// <param name="actual">The actual class number.</param>
    /// <param name="predicted">The predicted class number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A class number is out of range.</exception>
    public long this[int actual, int predicted] => _counts[Class(actual, nameof(actual)), Class(predicted, nameof(predicted))];

    /// <summary>The number of samples of the class that are predicted to be of it.</summary>
    /// <param name="classNumber">The class number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is out of range.</exception>
    public long TruePositives(int classNumber) => _counts[Class(classNumber, nameof(classNumber)), classNumber];

    /// <summary>The number of samples of other classes that are predicted to be of the class.</summary>
    /// <param name="classNumber">The class number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is out of range.</exception>
    public long FalsePositives(int classNumber) => _predicted[Class(classNumber, nameof(classNumber))] - _counts[classNumber, classNumber];

    /// <summary>The number of samples of the class that are predicted to be of another class.</summary>
    /// <param name="classNumber">The class number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is out of range.</exception>
    public long FalseNegatives(int classNumber) => _actual[Class(classNumber, nameof(classNumber))] - _counts[classNumber, classNumber];

    /// <summary>The number of samples of other classes that are predicted to be of any other class, even if not of their own.</summary>
    /// <param name="classNumber">The class number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is out of range.</exception>
    public long TrueNegatives(int classNumber) =>
        Total - _actual[Class(classNumber, nameof(classNumber))] - _predicted[classNumber] + _counts[classNumber, classNumber];

    /// <summary>Formats an aligned table with a row per actual class and a column per predicted class.</summary>
    public override string ToString()
    {
        const string Corner = "actual \\ predicted";
        int classes = _classNames.Length;
        int first = Math.Max(Corner.Length, _classNames.Max(name => name.Length));
        var widths = new int[classes];
        for (int column = 0; column < classes; column++)
        {
            widths[column] = _classNames[column].Length;
            for (int row = 0; row < classes; row++)
            {
                widths[column] = Math.Max(widths[column], Text(row, column).Length);
            }
        }

        var table = new StringBuilder(Corner.PadRight(first));
        for (int column = 0; column < classes; column++)
        {
            table.Append("  ").Append(_classNames[column].PadLeft(widths[column]));
        }

        for (int row = 0; row < classes; row++)
        {
            table.Append('\n').Append(_classNames[row].PadRight(first));
            for (int column = 0; column < classes; column++)
            {
                table.Append("  ").Append(Text(row, column).PadLeft(widths[column]));
            }
        }

        return table.ToString();

        string Text(int row, int column) => _counts[row, column].ToString(CultureInfo.InvariantCulture);
    }

    private int Class(int number, string parameter) => (uint)number < (uint)_classNames.Length
        ? number
        : throw new ArgumentOutOfRangeException(parameter, number, $"Expected a class number, 0 to {_classNames.Length - 1}.");
}
