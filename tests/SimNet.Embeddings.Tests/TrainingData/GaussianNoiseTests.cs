namespace SimNet.Embeddings.Tests;

public class GaussianNoiseTests
{
    private static float[] Draw(int count, long seed)
    {
        var random = new SeededRandom(seed);
        float[] values = new float[count];
        GaussianNoise.Fill(ref random, values);
        return values;
    }

    [Fact]
    public void Moments_are_those_of_the_normal_distribution()
    {
        float[] values = Draw(4_000_000, seed: 1);
        double[] moments = [.. Enumerable.Range(1, 6).Select(power => values.Average(v => Math.Pow(v, power)))];

        // Each tolerance is about five standard errors of the moment.
        Assert.Equal(0, moments[0], tolerance: 0.0025);
        Assert.Equal(1, moments[1], tolerance: 0.0035);
        Assert.Equal(0, moments[2], tolerance: 0.01);
        Assert.Equal(3, moments[3], tolerance: 0.025);
        Assert.Equal(0, moments[4], tolerance: 0.08);
        Assert.Equal(15, moments[5], tolerance: 0.3);
    }

    [Theory]
    [InlineData(-3, 0.001349898)]
    [InlineData(-1.959963985, 0.025)]
    [InlineData(-1, 0.158655254)]
    [InlineData(-0.5, 0.308537539)]
    [InlineData(0, 0.5)]
    [InlineData(0.674489750, 0.75)]
    [InlineData(2.326347874, 0.99)]
    [InlineData(3.719016485, 0.9999)]
    public void Frequencies_match_the_cumulative_distribution_function(double x, double probability)
    {
        const int count = 4_000_000;
        int below = Draw(count, seed: 2).Count(v => v < x);
        double deviation = Math.Sqrt(probability * (1 - probability) / count);
        Assert.Equal(probability, below / (double)count, tolerance: (5 * deviation) + (1.0 / 65536));
    }

    [Fact]
    public void Successive_values_are_uncorrelated()
    {
        float[] values = Draw(1_000_000, seed: 3);
        for (int lag = 1; lag <= 5; lag++)
        {
            double sum = 0;
            for (int i = lag; i < values.Length; i++)
            {
                sum += (double)values[i] * values[i - lag];
            }

            Assert.Equal(0, sum / values.Length, tolerance: 0.005);
        }
    }

    [Fact]
    public void A_shorter_fill_is_a_prefix_of_a_longer_one()
    {
        float[] longer = Draw(103, seed: 4);
        for (int length = 0; length < 103; length++)
        {
            Assert.Equal(longer[..length], Draw(length, seed: 4));
        }
    }

    [Fact]
    public void A_second_fill_continues_the_stream()
    {
        var random = new SeededRandom(5);
        float[] first = new float[8], second = new float[8];
        GaussianNoise.Fill(ref random, first);
        GaussianNoise.Fill(ref random, second);
        Assert.Equal(Draw(16, seed: 5), first.Concat(second));
    }
}
