namespace SimNet.Evaluation;

/// <summary>Judges an approximate search against the exact one: how many of the true k nearest neighbours it found.</summary>
public static class SearchQuality
{
    /// <summary>
    /// Recall@k of one query: the share of <paramref name="exact"/> that occurs in <paramref name="found"/>, in any order; 0 to 1.
    /// 1 where there was nothing to find.
    /// </summary>
    /// <remarks>Where several items lie equally far at rank k, another choice among them counts as a miss here; see <see
    /// cref="RecallByDistance"/>.</remarks>
    /// <param name="found">Ids that the judged search found.</param>
    /// <param name="exact">Ids of the true k nearest neighbours; no id twice.</param>
    /// <exception cref="ArgumentException"><paramref name="exact"/> has an id twice.</exception>
    public static double Recall<T>(ReadOnlySpan<T> found, ReadOnlySpan<T> exact)
        where T : IEquatable<T>
    {
        if (exact.IsEmpty)
        {
            return 1;
        }

        var missing = new HashSet<T>(exact.Length);
        foreach (T id in exact)
        {
            if (!missing.Add(id))
            {
                throw new ArgumentException($"Id {id} stands twice among the exact neighbours.", nameof(exact));
            }
        }

        foreach (T id in found)
        {
            missing.Remove(id);
        }

        return (double)(exact.Length - missing.Count) / exact.Length;
    }

    /// <summary>
    /// Recall@k of one query by distances, blind to which of several equally distant items was chosen: the share of k neighbours found
    /// that lie no farther than the true k-th nearest, where k is the length of <paramref name="exactDistances"/>. 1 where k is 0.
    /// </summary>
    /// <remarks>The measure of Aumüller, Bernhardsson and Faithfull, ANN-Benchmarks (2020), with a tolerance stated in both
    /// terms.</remarks>
    /// <param name="foundDistances">Distances of different items that the judged search found, nearest first; those past the k-th are
    /// ignored.</param>
    /// <param name="exactDistances">Distances of the true k nearest neighbours, nearest first.</param>
    /// <param name="relativeTolerance">How much farther than the k-th distance still counts, as a share of it: for rounding.</param>
    /// <param name="absoluteTolerance">How much farther than the k-th distance still counts, in its unit; matters where that distance is
    /// near 0.</param>
    /// <exception cref="ArgumentException">The exact distances do not rise, or a distance is not a number.</exception>
    public static double RecallByDistance(
        ReadOnlySpan<float> foundDistances, ReadOnlySpan<float> exactDistances, double relativeTolerance = 1e-5, double absoluteTolerance = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(relativeTolerance);
        ArgumentOutOfRangeException.ThrowIfNegative(absoluteTolerance);
        int k = exactDistances.Length;
        for (int i = 0; i < k; i++)
        {
            if (float.IsNaN(exactDistances[i]) || (i > 0 && exactDistances[i] < exactDistances[i - 1]))
            {
                throw new ArgumentException(
                    $"Exact distance {i} is {exactDistances[i]}; expected numbers that rise.", nameof(exactDistances));
            }
        }

        if (k == 0)
        {
            return 1;
        }

        double last = exactDistances[k - 1];
        double limit = last + relativeTolerance * Math.Abs(last) + absoluteTolerance;
        int near = 0;
        for (int i = 0; i < Math.Min(k, foundDistances.Length); i++)
        {
            if (float.IsNaN(foundDistances[i]))
            {
                throw new ArgumentException($"Found distance {i} is not a number.", nameof(foundDistances));
            }

            near += foundDistances[i] <= limit ? 1 : 0;
        }

        return (double)near / k;
    }
}
