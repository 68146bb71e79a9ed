using System.Numerics.Tensors;

namespace SimNet.Evaluation;

/// <summary>Measures of how compact and how well separated the clusters of labeled vectors are, by Euclidean distance.</summary>
public static class ClusteringMetrics
{
    /// <summary>
    /// The mean silhouette coefficient, from -1 (every vector is nearer to another cluster) to 1 (clusters are points far apart). The
    /// computation time is proportional to vectors² x dimensions.
    /// </summary>
    /// <remarks>
    /// Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987). For vector i:
    /// <code>
    /// a(i) = mean distance to the other vectors of its own cluster
    /// b(i) = smallest mean distance to the vectors of another cluster
    /// s(i) = (b(i) - a(i)) / max(a(i), b(i));  0 if i is alone in its cluster or both are 0
    /// </code>
    /// </remarks>
    /// <param name="vectors">The vectors, one after another; finite.</param>
    /// <param name="dimensions">The number of components of a vector; at least 1.</param>
    /// <param name="labels">The cluster of each vector: any integers, at least two different ones.</param>
    /// <param name="options">Sampling and threads; <see langword="null"/> for the exact value on all processors.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The mean silhouette coefficient.</returns>
    /// <exception cref="ArgumentException">The sizes do not match, a value is not finite, or there are fewer than two clusters.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions or an option are out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> is canceled.</exception>
    public static double Silhouette(
        ReadOnlyMemory<float> vectors,
        int dimensions,
        ReadOnlySpan<int> labels,
        SilhouetteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new SilhouetteOptions();
        if (options.SampleSize is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxThreads, nameof(options));
        int[] clusters = NumberClusters(vectors.Span, dimensions, labels, out int[] sizes);
        int[] sample = Sample(labels.Length, options);
        var silhouettes = new double[sample.Length];
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = options.MaxThreads == 0 ? Environment.ProcessorCount : options.MaxThreads,
        };
        Parallel.For(
            0,
            sample.Length,
            parallel,
            () => new double[sizes.Length],
            (n, _, distances) =>
            {
                silhouettes[n] = SilhouetteOf(sample[n], vectors.Span, dimensions, clusters, sizes, distances, cancellationToken);
                return distances;
            },
            _ => { });

        double sum = 0;
        foreach (double silhouette in silhouettes)
        {
            sum += silhouette;
        }

        return sum / silhouettes.Length;
    }

    /// <summary>
    /// The Calinski-Harabasz index (variance ratio criterion): the dispersion of the cluster centers relative to the dispersion of the
    /// vectors around them. 0 or more; higher is better. Comparable only between labelings of the same vectors.
    /// </summary>
    /// <remarks>
    /// Calinski and Harabasz, "A dendrite method for cluster analysis" (1974), for n vectors in k clusters:
    /// <code>
    /// B = sum over the clusters of size x squared distance of the cluster center from the overall center
    /// W = sum over the vectors of the squared distance from their cluster center
    /// index = (B / (k - 1)) / (W / (n - k))
    /// </code>
    /// If W is 0, the index is positive infinity, or 0 if B is also 0.
    /// </remarks>
    /// <param name="vectors">The vectors, one after another; finite.</param>
    /// <param name="dimensions">The number of components of a vector; at least 1.</param>
    /// <param name="labels">The cluster of each vector: any integers, at least two different ones and fewer than vectors.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentException">
    /// The sizes do not match, a value is not finite, or there are fewer than two clusters or as many as vectors.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is less than 1.</exception>
    public static double CalinskiHarabasz(ReadOnlySpan<float> vectors, int dimensions, ReadOnlySpan<int> labels)
    {
        int[] clusters = NumberClusters(vectors, dimensions, labels, out int[] sizes);
        int k = sizes.Length;
        if (k == labels.Length)
        {
            throw new ArgumentException(
                $"Each of the {k} vectors is a cluster of its own; expected fewer clusters than vectors.", nameof(labels));
        }

        var centers = new double[k * dimensions];
        var center = new double[dimensions];
        for (int i = 0; i < clusters.Length; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * dimensions, dimensions);
            Span<double> own = centers.AsSpan(clusters[i] * dimensions, dimensions);
            for (int d = 0; d < dimensions; d++)
            {
                own[d] += vector[d];
                center[d] += vector[d];
            }
        }

        TensorPrimitives.Divide(center, clusters.Length, center);
        double between = 0, within = 0;
        for (int c = 0; c < k; c++)
        {
            Span<double> own = centers.AsSpan(c * dimensions, dimensions);
            TensorPrimitives.Divide(own, sizes[c], own);
            for (int d = 0; d < dimensions; d++)
            {
                between += sizes[c] * (own[d] - center[d]) * (own[d] - center[d]);
            }
        }

        for (int i = 0; i < clusters.Length; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * dimensions, dimensions);
            ReadOnlySpan<double> own = centers.AsSpan(clusters[i] * dimensions, dimensions);
            for (int d = 0; d < dimensions; d++)
            {
                within += (vector[d] - own[d]) * (vector[d] - own[d]);
            }
        }

        if (within == 0)
        {
            return between == 0 ? 0 : double.PositiveInfinity;
        }

        return between / (k - 1) / (within / (clusters.Length - k));
    }

    private static double SilhouetteOf(
        int i,
        ReadOnlySpan<float> vectors,
        int dimensions,
        int[] clusters,
        int[] sizes,
        double[] distances,
        CancellationToken cancellationToken)
    {
        const int CheckEvery = 4096;
        Array.Clear(distances);
        ReadOnlySpan<float> vector = vectors.Slice(i * dimensions, dimensions);
        for (int j = 0; j < clusters.Length; j++)
        {
            if (j % CheckEvery == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            distances[clusters[j]] += TensorPrimitives.Distance(vector, vectors.Slice(j * dimensions, dimensions));
        }

        int own = clusters[i];
        if (sizes[own] == 1)
        {
            return 0;
        }

        double a = distances[own] / (sizes[own] - 1);
        double b = double.PositiveInfinity;
        for (int c = 0; c < sizes.Length; c++)
        {
            if (c != own)
            {
                b = Math.Min(b, distances[c] / sizes[c]);
            }
        }

        double larger = Math.Max(a, b);
        return larger == 0 ? 0 : (b - a) / larger;
    }

    private static int[] Sample(int count, SilhouetteOptions options)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        int size = options.SampleSize ?? count;
        if (size >= count)
        {
            return order;
        }

        var random = new SeededRandom(options.Seed);
        for (int i = 0; i < size; i++)
        {
            int j = i + random.NextInt32(count - i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order[..size];
    }

    /// <summary>Numbers the clusters from 0 in order of appearance and counts their vectors.</summary>
    private static int[] NumberClusters(ReadOnlySpan<float> vectors, int dimensions, ReadOnlySpan<int> labels, out int[] sizes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (vectors.Length != (long)labels.Length * dimensions)
        {
            throw new ArgumentException(
                $"{vectors.Length} values for {labels.Length} labeled vectors of {dimensions} dimensions; "
                + $"expected {(long)labels.Length * dimensions}.",
                nameof(vectors));
        }

        for (int i = 0; i < vectors.Length; i++)
        {
            if (!float.IsFinite(vectors[i]))
            {
                throw new ArgumentException(
                    $"Value {i % dimensions} of vector {i / dimensions} is {vectors[i]}; expected a finite number.", nameof(vectors));
            }
        }

        var numbers = new Dictionary<int, int>();
        var counts = new List<int>();
        var clusters = new int[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            if (!numbers.TryGetValue(labels[i], out int number))
            {
                number = numbers.Count;
                numbers.Add(labels[i], number);
                counts.Add(0);
            }

            clusters[i] = number;
            counts[number]++;
        }

        if (counts.Count < 2)
        {
            throw new ArgumentException($"The labels have {counts.Count} clusters; expected at least 2.", nameof(labels));
        }

        sizes = [.. counts];
        return clusters;
    }
}
