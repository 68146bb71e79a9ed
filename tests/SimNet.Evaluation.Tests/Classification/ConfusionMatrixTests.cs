namespace SimNet.Evaluation.Tests;

public sealed class ConfusionMatrixTests
{
    // 5 cats: 3 correct, 1 as dog, 1 as bird; 3 dogs: 2 correct, 1 as cat; 1 bird: 0 correct, 1 as dog.
    private static readonly int[] Actual = [0, 0, 0, 0, 0, 1, 1, 1, 2];
    private static readonly int[] Predicted = [0, 0, 0, 1, 2, 1, 1, 0, 1];
    private static readonly string[] Names = ["cat", "dog", "bird"];

    [Fact]
    public void Rows_are_actual_and_columns_predicted()
    {
        var matrix = new ConfusionMatrix(Actual, Predicted, Names);
        Assert.Equal(
            [3, 1, 1, 1, 2, 0, 0, 1, 0],
            from row in Enumerable.Range(0, 3) from column in Enumerable.Range(0, 3) select (int)matrix[row, column]);
        Assert.Equal(9, matrix.Total);
    }

    [Theory]
    [InlineData(0, 3, 1, 2, 3)]
    [InlineData(1, 2, 2, 1, 4)]
    [InlineData(2, 0, 1, 1, 7)]
    public void Counts_of_a_class_match_hand_counted_values(int classNumber, int tp, int fp, int fn, int tn)
    {
        var matrix = new ConfusionMatrix(Actual, Predicted, Names);
        Assert.Equal(
            (tp, fp, fn, tn),
            (
                matrix.TruePositives(classNumber),
                matrix.FalsePositives(classNumber),
                matrix.FalseNegatives(classNumber),
                matrix.TrueNegatives(classNumber)));
    }

    [Fact]
    public void Table_is_aligned()
    {
        string table = new ConfusionMatrix(Actual, Predicted, Names).ToString();
        Assert.Equal(
            """
            actual \ predicted  cat  dog  bird
            cat                   3    1     1
            dog                   1    2     0
            bird                  0    1     0
            """.ReplaceLineEndings("\n"),
            table);
    }

    [Fact]
    public void Table_widens_for_large_counts_and_long_names()
    {
        int[] many = new int[12345];
        string[] lines = new ConfusionMatrix(many, many, ["a", "a name longer than the corner"]).ToString().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.Contains("  12345  ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Later_changes_to_the_names_do_not_affect_the_matrix()
    {
        string[] names = ["a", "b"];
        var matrix = new ConfusionMatrix([0], [1], names);
        names[0] = "changed";
        Assert.Equal(["a", "b"], matrix.ClassNames);
    }

    [Fact]
    public void Invalid_input_is_rejected_by_name()
    {
        Assert.Equal("predicted", Assert.Throws<ArgumentException>(() => new ConfusionMatrix([0, 0], [0], Names)).ParamName);
        Assert.Equal("classNames", Assert.Throws<ArgumentException>(() => new ConfusionMatrix([], [], [])).ParamName);
        ArgumentException actual = Assert.Throws<ArgumentException>(() => new ConfusionMatrix([0, 3], [0, 0], Names));
        Assert.Equal("actual", actual.ParamName);
        Assert.Contains("Sample 1 has class 3; expected 0 to 2", actual.Message, StringComparison.Ordinal);
        Assert.Equal("predicted", Assert.Throws<ArgumentException>(() => new ConfusionMatrix([0], [-1], Names)).ParamName);
        var matrix = new ConfusionMatrix(Actual, Predicted, Names);
        Assert.Equal("predicted", Assert.Throws<ArgumentOutOfRangeException>(() => matrix[0, 3]).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.TrueNegatives(-1));
    }
}
