using System.Globalization;
using System.Text;

namespace SimNet.Evaluation;

/// <summary>How often samples of each class were predicted to be of each class. Immutable.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;
    private readonly long[] _actual;
    private readonly long[] _predicted;
    private readonly string[] _classNames;

    /// <summary>Counts pairs of actual and predicted class numbers.</summary>
    /// <param name="actual">The true class number of each sample: 0 to the number of classes - 1.</param>
    /// <param name="predicted">The predicted class number of each sample, in the same order.</param>
    /// <param name="classNames">One name per class; class number i is called <c>classNames[i]</c>.</param>
    /// <exception cref="ArgumentException">The lists differ in length, no class is named, or a class number has no name.</exception>
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
                $"{predicted.Length} predicted classes for {actual.Length} actual ones; expected as many.", nameof(predicted));
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

    /// <summary>Number of samples counted.</summary>
    public long Total { get; }

    /// <summary>Number of samples of class <paramref name="actual"/> that were predicted to be of class <paramref
    /// name="predicted"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of a class.</exception>
    public long this[int actual, int predicted] => _counts[Class(actual, nameof(actual)), Class(predicted, nameof(predicted))];

    /// <summary>Samples of the class that were predicted to be of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is not that of a class.</exception>
    public long TruePositives(int classNumber) => _counts[Class(classNumber, nameof(classNumber)), classNumber];

    /// <summary>Samples of other classes that were predicted to be of the class.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is not that of a class.</exception>
    public long FalsePositives(int classNumber) => _predicted[Class(classNumber, nameof(classNumber))] - _counts[classNumber, classNumber];

    /// <summary>Samples of the class that were predicted to be of another.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is not that of a class.</exception>
    public long FalseNegatives(int classNumber) => _actual[Class(classNumber, nameof(classNumber))] - _counts[classNumber, classNumber];

    /// <summary>Samples of other classes that were predicted to be of other classes, though not always the right one.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classNumber"/> is not that of a class.</exception>
    public long TrueNegatives(int classNumber) =>
        Total - _actual[Class(classNumber, nameof(classNumber))] - _predicted[classNumber] + _counts[classNumber, classNumber];

    /// <summary>An aligned table: a row per actual class, a column per predicted class.</summary>
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
