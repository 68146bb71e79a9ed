namespace SimNet.Index.Tests;

/// <summary>A line of Golden/answers.txt, an answer of Annoy itself, with the vectors behind it. Written by annoy_peer.cpp.</summary>
internal sealed record AnnoyGolden(
    string Name,
    Metric Metric,
    int Dimensions,
    int Trees,
    int Count,
    int First,
    int Step,
    int Query,
    int SearchEffort,
    (int Item, double Distance)[] Found)
{
    public static string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Annoy", "Golden");

    public static AnnoyGolden[] All { get; } = [.. File.ReadLines(System.IO.Path.Combine(Folder, "answers.txt")).Select(Parse)];

    public string Path => System.IO.Path.Combine(Folder, Name + ".ann");

    /// <summary>The item numbers.</summary>
    public int[] Items => [.. Enumerable.Range(0, Count).Select(row => First + (row * Step))];

    /// <summary>The vectors of all items, then the three queries: eighths from a generator that is two lines in any language.</summary>
    public float[] Numbers()
    {
        uint state = 42;
        var numbers = new float[(Count + 3) * Dimensions];
        for (int i = 0; i < numbers.Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            numbers[i] = ((int)(state >> 27) - 16) / 8f;
        }

        return numbers;
    }

    public float[] QueryVector() => Numbers().AsSpan((Count + Query) * Dimensions, Dimensions).ToArray();

    /// <summary>Converts a distance of this library to Annoy's.</summary>
    public static double AnnoyDistance(Metric metric, double distance) => metric switch
    {
        Metric.Cosine => Math.Sqrt(2 * distance),
        Metric.InnerProduct => -distance,
        _ => distance,
    };

    public static Metric ToMetric(string name) => name switch
    {
        "angular" => Metric.Cosine,
        "dot" => Metric.InnerProduct,
        _ => Metric.Euclidean,
    };

    public static (int Item, double Distance)[] ParseNeighbors(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Chunk(2).Select(pair => (
            int.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture),
            double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)))];
    }

    private static AnnoyGolden Parse(string line)
    {
        string[] halves = line.Split(':');
        string[] words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = [.. words[2..].Select(word => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
        return new AnnoyGolden(
            words[0],
            ToMetric(words[1]),
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            numbers[5],
            numbers[6],
            ParseNeighbors(halves[1]));
    }
}
