namespace SimNet.Index;

/// <summary>Which share of an index's rows a filter allows: by it an approximate search chooses its way.</summary>
internal static class FilterSelectivity
{
    private const int Samples = 128;

    /// <summary>Known where the filter is a set, and otherwise as far as a sample of the rows tells.</summary>
    /// <param name="options">With a filter.</param>
    /// <param name="count">How many rows the index has.</param>
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
