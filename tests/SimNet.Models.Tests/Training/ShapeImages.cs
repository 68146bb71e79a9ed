namespace SimNet.Models.Tests;

/// <summary>
/// Small grayscale images of discs and squares. Inputs have noise that depends on seed, epoch, and sample; targets have none.
/// </summary>
internal sealed class ShapeImages(int count, int size = 16) : ITrainingData
{
    public int Count => count;

    public Shape InputShape => new(1, size, size);

    public string Fingerprint => $"shapes {count} {size}";

    public Shape TargetShape => InputShape;

    public void Read(ReadOnlySpan<int> samples, int seed, int epoch, Span<float> inputs, Span<float> targets)
    {
        int length = InputShape.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            var noise = new SeededRandom(seed, epoch, samples[i]);
            Span<float> target = targets.Slice(i * length, length);
            Draw(samples[i], target);
            for (int p = 0; p < length; p++)
            {
                inputs[i * length + p] = Math.Clamp(target[p] + 0.3f * (noise.NextSingle() - 0.5f), 0, 1);
            }
        }
    }

    /// <summary>
    /// The mean squared error of the best constant image, which a network that ignores its input can reach.
    /// </summary>
    public double VarianceOfPixels()
    {
        int length = InputShape.Length;
        float[] images = new float[count * length];
        for (int i = 0; i < count; i++)
        {
            Draw(i, images.AsSpan(i * length, length));
        }

        return Enumerable.Range(0, length).Average(p =>
        {
            double mean = Enumerable.Range(0, count).Average(i => images[i * length + p]);
            return Enumerable.Range(0, count).Average(i => Math.Pow(images[i * length + p] - mean, 2));
        });
    }

    private void Draw(int sample, Span<float> image)
    {
        var random = new SeededRandom(1000, sample);
        bool disc = random.NextInt32(2) == 0;
        float shade = 0.4f + 0.6f * random.NextSingle();
        double radius = size * (0.15 + 0.2 * random.NextDouble());
        double x = size * (0.3 + 0.4 * random.NextDouble()), y = size * (0.3 + 0.4 * random.NextDouble());
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double dx = Math.Abs(column + 0.5 - x), dy = Math.Abs(row + 0.5 - y);
                image[row * size + column] = (disc ? dx * dx + dy * dy < radius * radius : Math.Max(dx, dy) < radius) ? shade : 0.1f;
            }
        }
    }
}
