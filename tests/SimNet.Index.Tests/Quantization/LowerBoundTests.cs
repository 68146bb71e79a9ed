namespace SimNet.Index.Tests;

/// <summary>
/// Rows excluded by the lower bound must be those that a full scan does not return, bit for bit, on data made to break the bound. A search
/// for all rows excludes none, so its first results are those of a search for fewer.
/// </summary>
public sealed class LowerBoundTests
{
    private const int Count = 600;

    public static TheoryData<string, int, Metric> Cases()
    {
        var cases = new TheoryData<string, int, Metric>();
        string[] shapes =
        [
            "gaussian", "line", "plane", "far away", "outlier", "tiny", "huge",
            "one hot", "integers", "equal", "shells", "mixed norms", "some zero", "steps",
        ];
        foreach (string shape in shapes)
        {
            foreach (int dimensions in (int[])[1, 2, 17, 64, 65, 200, 700])
            {
                foreach (Metric metric in TestData.Metrics)
                {
                    cases.Add(shape, dimensions, metric);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_short_answer_is_the_start_of_the_full_answer(string shape, int dimensions, Metric metric)
    {
        float[] vectors = Make(shape, dimensions);
        using ExactIndex index = ExactIndex.Build(vectors, dimensions, metric);
        var half = new RowSet(Count);
        for (int row = 1; row < Count; row += 2)
        {
            half.Add(row);
        }

        foreach (float[] query in Queries(vectors, dimensions))
        {
            Neighbor[] full = TestData.Search(index, query, Count);
            Assert.Equal(Count, full.Length);
            foreach (int wanted in (int[])[1, 10, 60])
            {
                Assert.Equal(full[..wanted], TestData.Search(index, query, wanted));
            }

            Neighbor[] odd = [.. full.Where(neighbor => neighbor.Id % 2 == 1)];
            Assert.Equal(odd[..10], TestData.Search(index, query, 10, new SearchOptions { Rows = half }));
            Assert.Equal(odd[..10], TestData.Search(index, query, 10, new SearchOptions { Filter = row => row % 2 == 1 }));
            float radius = full[37].Distance;
            Assert.Equal(full.Where(neighbor => neighbor.Distance <= radius), index.SearchRange(query, radius));
            Assert.Equal(
                odd.Where(neighbor => neighbor.Distance <= radius), index.SearchRange(query, radius, new SearchOptions { Rows = half }));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_batch_gives_the_answers_of_its_queries(string shape, int dimensions, Metric metric)
    {
        float[] vectors = Make(shape, dimensions);
        using RowStore store = RowStore.Build(vectors, dimensions, metric, 1, CancellationToken.None);
        using ExactIndex index = ExactIndex.Build(vectors, dimensions, metric);
        float[][] queries = [.. Enumerable.Range(0, 5).SelectMany(_ => Queries(vectors, dimensions))];
        float[] batch = [.. queries.SelectMany(query => query)];
        foreach (SearchOptions options in (SearchOptions[])[default, new() { Filter = row => row % 3 != 0 }])
        {
            // GEMM is used whether it pays off or not.
            Neighbor[][] answers = BatchSearch.RunGemm(
                index, store, batch, 10, new() { Search = options, MaxThreads = 2 }, CancellationToken.None);
            Neighbor[][] chosen = index.SearchBatch(batch, 10, new() { Search = options });
            for (int query = 0; query < queries.Length; query++)
            {
                Neighbor[] expected = TestData.Search(index, queries[query], 10, options);
                Assert.Equal(expected, answers[query]);
                Assert.Equal(expected, chosen[query]);
            }
        }
    }

    [Fact]
    public void Most_rows_are_excluded_if_few_principal_components_dominate()
    {
        // Otherwise the tests above could pass by comparing everything.
        const int Dimensions = 300, Rows = 4000;
        float[] directions = TestData.Gaussian(20, Dimensions, 1), weights = TestData.Gaussian(Rows, 20, 2);
        var vectors = new float[Rows * Dimensions];
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < Dimensions; i++)
            {
                for (int j = 0; j < 20; j++)
                {
                    vectors[(row * Dimensions) + i] += weights[(row * 20) + j] * directions[(j * Dimensions) + i];
                }
            }
        }

        using RowStore store = RowStore.Build(vectors, Dimensions, Metric.Euclidean, 0, CancellationToken.None);
        Assert.Equal(64, store.Codes.Projection.CodeDimensions);
        using ExactIndex index = ExactIndex.Build(vectors, Dimensions, Metric.Euclidean);
        int asked = 0;
        TestData.Search(index, TestData.Row(vectors, Dimensions, 5), 10, new SearchOptions
        {
            Filter = _ =>
            {
                asked++;
                return true;
            },
        });
        Assert.InRange(asked, 10, Rows / 10);
    }

    private static IEnumerable<float[]> Queries(float[] vectors, int dimensions)
    {
        float[] first = vectors.AsSpan(0, dimensions).ToArray(), other = vectors.AsSpan(17 * dimensions, dimensions).ToArray();
        yield return first;
        yield return [.. first.Zip(other, (a, b) => (a / 2) + (b / 2))];
        yield return [.. first.Select(number => number * -1000)];
        yield return TestData.Gaussian(1, dimensions, 9);
        yield return new float[dimensions];
        yield return [.. TestData.Gaussian(1, dimensions, 10).Select(number => number * 1e12f)];
        yield return [.. TestData.Gaussian(1, dimensions, 11).Select(number => number * 1e-14f)];
    }

    private static float[] Make(string shape, int dimensions)
    {
        float[] noise = TestData.Gaussian(Count, dimensions, 3);
        var random = new SeededRandom(4);
        switch (shape)
        {
            case "line":
                float[] direction = TestData.Gaussian(1, dimensions, 5);
                return Each((row, i) => direction[i] * row);
            case "plane":
                return Each((row, i) => i < 2 ? noise[(row * dimensions) + i] : 1e-6f * noise[(row * dimensions) + i]);
            case "far away":
                return Each((row, i) => 1e6f + noise[(row * dimensions) + i]);
            case "outlier":
                return Each((row, i) => row == 13 ? 1e14f : noise[(row * dimensions) + i]);
            case "tiny":
                return Each((row, i) => 1e-14f * noise[(row * dimensions) + i]);
            case "huge":
                return Each((row, i) => 1e13f * noise[(row * dimensions) + i]);
            case "one hot":
                return Each((row, i) => row % dimensions == i ? 1 + (row / dimensions) : 0);
            case "integers":
                return TestData.Integers(Count, dimensions, 6);
            case "equal":
                return Each((row, i) => i + 1);
            case "shells":
                // All rows are at nearly the same distance from the origin: the last bits decide.
                return Each((row, i) => noise[(row * dimensions) + i] / (float)Norm(row));
            case "mixed norms":
                return Each((row, i) => noise[(row * dimensions) + i] * MathF.Pow(10, (row % 13) - 6));
            case "some zero":
                return Each((row, i) => row % 3 == 0 ? 0 : noise[(row * dimensions) + i]);
            case "steps":
                // Values on and next to the borders between quantization steps.
                return Each((row, i) => MathF.BitIncrement((1 + random.NextInt32(9)) / 8f));
            default:
                return noise;
        }

        double Norm(int row) => Math.Sqrt(VectorRows.SumOfSquares(noise.AsSpan(row * dimensions, dimensions)));

        float[] Each(Func<int, int, float> number)
        {
            var vectors = new float[Count * dimensions];
            for (int row = 0; row < Count; row++)
            {
                for (int i = 0; i < dimensions; i++)
                {
                    vectors[(row * dimensions) + i] = number(row, i);
                }
            }

            return vectors;
        }
    }
}
