namespace SimNet.Index;

/// <summary>The share of an index's rows that a filter allows, which determines the strategy of an approximate search.</summary>
internal static class FilterSelectivity
{
    private const int Samples = 128;

    /// <summary>Computes the share from the size of a set, or estimates it from a sample of the rows.</summary>
    /// <param name="options">The options, with a filter.</param>
    /// <param name="count">The number of rows of the index.</param>
    public static double Of(in SearchOptions options, int count)
    {
        if (options.Filter is null)
        {
            return (double)Math.Min(options.Rows!.Count, count) / Math.Max(count, 1);
        }

        int samples = Math.Min(Samples, count), allowed = 0;
        for (int i = 0; i < samples; i++)
        {
            allowed += options.Allows((int)((long)i * count / samples)) ? 1 : 0;
        }

        return (double)allowed / Math.Max(samples, 1);
    }
}
