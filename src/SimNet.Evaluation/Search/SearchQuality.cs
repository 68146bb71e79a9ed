namespace SimNet.Evaluation;

/// <summary>Measures of an approximate search against exact search: the share of the true k nearest neighbors that it finds.</summary>
public static class SearchQuality
{
    /// <summary>
    /// Recall@k of one query by IDs: the share of <paramref name="exact"/> that is in <paramref name="found"/>, in any order; 0 to 1. The
    /// recall is 1 if <paramref name="exact"/> is empty.
    /// </summary>
    /// <remarks>
    /// If several items are at the same distance at rank k, finding another one of them counts as a miss; see
    /// <see cref="RecallByDistance"/>.
    /// </remarks>
    /// <typeparam name="T">The type of an ID.</typeparam>
    /// <param name="found">The IDs found by the approximate search.</param>
    /// <param name="exact">The IDs of the true k nearest neighbors, without duplicates.</param>
    /// <returns>The recall.</returns>
    /// <exception cref="ArgumentException"><paramref name="exact"/> contains an ID twice.</exception>
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
                throw new ArgumentException($"ID {id} occurs twice among the exact neighbors.", nameof(exact));
            }
        }

        foreach (T id in found)
        {
            missing.Remove(id);
        }

        return (double)(exact.Length - missing.Count) / exact.Length;
    }

    /// <summary>
    /// Recall@k of one query by distances: the share of the k neighbors found that are no farther than the true k-th nearest, where k is
    /// the length of <paramref name="exactDistances"/>. Any of several equally distant items counts as found. The recall is 1 if k is 0.
    /// </summary>
    /// <remarks>
    /// The measure of Aumüller, Bernhardsson and Faithfull, "ANN-Benchmarks" (2020), with a relative and an absolute tolerance.
    /// </remarks>
    /// <param name="foundDistances">
    /// The distances of the different items found by the approximate search, nearest first; those after the k-th are ignored.
    /// </param>
    /// <param name="exactDistances">The distances of the true k nearest neighbors, nearest first.</param>
    /// <param name="relativeTolerance">The tolerance for rounding as a share of the k-th distance; 1e-5 by default.</param>
    /// <param name="absoluteTolerance">The tolerance in the unit of the distances, for k-th distances near 0; 0 by default.</param>
    /// <returns>The recall.</returns>
    /// <exception cref="ArgumentException">The exact distances are not ascending, or a distance is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance is negative.</exception>
    public static double RecallByDistance(
        ReadOnlySpan<float> foundDistances,
        ReadOnlySpan<float> exactDistances,
        double relativeTolerance = 1e-5,
        double absoluteTolerance = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(relativeTolerance);
        ArgumentOutOfRangeException.ThrowIfNegative(absoluteTolerance);
        int k = exactDistances.Length;
        for (int i = 0; i < k; i++)
        {
            if (float.IsNaN(exactDistances[i]) || (i > 0 && exactDistances[i] < exactDistances[i - 1]))
            {
                throw new ArgumentException(
                    $"Exact distance {i} is {exactDistances[i]}; expected ascending values.", nameof(exactDistances));
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
                throw new ArgumentException($"Found distance {i} is NaN.", nameof(foundDistances));
            }

            near += foundDistances[i] <= limit ? 1 : 0;
        }

        return (double)near / k;
    }
}
