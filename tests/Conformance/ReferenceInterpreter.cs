namespace SimNet.Conformance;

/// <summary>
/// Computes networks by the definitions of their layers, in double precision, NCHW, with one loop per index. Shares no code with any back
/// end.
/// </summary>
public sealed class ReferenceInterpreter
{
    private readonly Network _network;

    public ReferenceInterpreter(Network network, StateDict weights)
    {
        _network = network;
        Parameters = weights.ToDictionary(w => w.Key, w => w.Value.Values.ToArray().Select(v => (double)v).ToArray());
    }

    public Dictionary<string, double[]> Parameters { get; }

    /// <summary>Computes the outputs of all layers, NCHW.</summary>
    public double[][] Forward(double[] input, int count, bool training)
    {
        var values = new double[_network.Layers.Length][];
        for (int i = 0; i < values.Length; i++)
        {
            double[][] sources = [.. _network.Sources[i].Select(s => s < 0 ? input : values[s])];
            Shape[] shapes = [.. _network.Sources[i].Select(s => s < 0 ? _network.InputShape : _network.OutputShapes[s])];
            values[i] = Run(_network.Layers[i], sources, shapes, _network.OutputShapes[i], count, training);
        }

        return values;
    }

    public static double LossOf(Loss loss, double[] output, double[] target, int count)
    {
        if (loss is CrossEntropy softmax)
        {
            return Enumerable.Range(0, count).Average(n => LossOf(
                softmax, output[(n * output.Length / count)..((n + 1) * output.Length / count)], target[(n * output.Length / count)..]));
        }

        double total = 0;
        for (int i = 0; i < output.Length; i++)
        {
            total += loss is MeanSquaredError
                ? (output[i] - target[i]) * (output[i] - target[i])
                : -(target[i] * Math.Max(Math.Log(output[i]), -100) + (1 - target[i]) * Math.Max(Math.Log(1 - output[i]), -100));
        }

        return total / output.Length;
    }

    /// <summary>The derivative of the loss along a direction in the values of one parameter, as a central difference.</summary>
    public double Derivative(string parameter, double[] direction, double[] input, double[] target, int count, Loss loss)
    {
        const double Step = 1e-6;
        double[] kept = Parameters[parameter];
        Parameters[parameter] = [.. kept.Zip(direction, (v, d) => v + Step * d)];
        double above = LossOf(loss, Forward(input, count, training: true)[^1], target, count);
        Parameters[parameter] = [.. kept.Zip(direction, (v, d) => v - Step * d)];
        double below = LossOf(loss, Forward(input, count, training: true)[^1], target, count);
        Parameters[parameter] = kept;
        return (above - below) / (2 * Step);
    }

    private static double LossOf(CrossEntropy loss, double[] output, double[] target)
    {
        double log = Math.Log(output.Sum(Math.Exp));
        double smoothing = loss.LabelSmoothing;
        return output
            .Select((x, c) => (loss.ClassWeights.IsEmpty ? 1 : loss.ClassWeights[c])
                * ((1 - smoothing) * target[c] + smoothing / output.Length) * (log - x))
            .Sum();
    }

    /// <summary>
    /// Applies the documented mask of the first step: 32 bits for each value, channels last, from the stream of 2, seed, step, sample and
    /// layer.
    /// </summary>
    private double[] Drop(Dropout layer, double[] source, Shape shape, int count)
    {
        var result = new double[source.Length];
        for (int n = 0; n < count; n++)
        {
            var random = new SeededRandom(2, 0, 0, n, _network.IndexOf(layer.Name));
            ulong bits = 0;
            for (int i = 0; i < shape.Length; i++)
            {
                bits = i % 2 == 0 ? random.NextUInt64() : bits >> 32;
                int at = Index(shape, n, i % shape.Channels, i / shape.Channels / shape.Width, i / shape.Channels % shape.Width);
                result[at] = (bits & 0xFFFFFFFF) / 4294967296.0 < layer.Rate ? 0 : source[at] / (1 - (double)layer.Rate);
            }
        }

        return result;
    }

    private double[] Run(Layer layer, double[][] sources, Shape[] shapes, Shape to, int count, bool training)
    {
        double[] source = sources[0];
        Shape from = shapes[0];
        return layer switch
        {
            Conv2d convolution => Convolve(convolution, source, from, to, count),
            ConvTranspose2d convolution => ConvolveTransposed(convolution, source, from, to, count),
            BatchNorm2d norm => Normalize(norm, source, from, count, training),
            MaxPool2d pool => Pool(pool, source, from, to, count),
            Relu => [.. source.Select(x => x > 0 ? x : 0)],
            LeakyRelu leaky => [.. source.Select(x => x > 0 ? x : (double)leaky.NegativeSlope * x)],
            Sigmoid => [.. source.Select(x => 1 / (1 + Math.Exp(-x)))],
            Silu => [.. source.Select(x => x / (1 + Math.Exp(-x)))],
            HardSigmoid hard => [.. source.Select(x => Math.Clamp((double)hard.Alpha * x + hard.Beta, 0, 1))],
            HardSwish => [.. source.Select(x => x * Math.Clamp(x / 6 + 0.5, 0, 1))],
            Clip clip => [.. source.Select(x => Math.Clamp(x, clip.Minimum, clip.Maximum))],
            Gelu => [.. source.Select(x => x * NormalDistribution(x))],
            Power power => [.. source.Select(x => Math.Pow(x, power.Exponent))],
            PRelu => [.. source.Select((x, i) => x > 0 ? x : x * Parameters[$"{layer.Name}.weight"][ChannelOf(i)])],
            LayerNorm2d norm => ByPixel(source, from, count, pixel => Standardize(norm, pixel)),
            L2Normalization norm => ByPixel(source, from, count, pixel =>
            {
                double length = Math.Max(Math.Sqrt(pixel.Sum(x => x * x)), norm.Epsilon);
                return [.. pixel.Select(x => x / length)];
            }),
            LogSoftmax => ByPixel(source, from, count, pixel =>
            {
                double log = Math.Log(pixel.Sum(Math.Exp));
                return [.. pixel.Select(x => x - log)];
            }),
            Flatten => source,
            ChannelShuffle shuffle => ByPixel(source, from, count, pixel =>
                [.. pixel.Select((_, c) => pixel[(c % shuffle.Groups * pixel.Length / shuffle.Groups) + (c / shuffle.Groups)])]),
            Slice slice => [.. Enumerable.Range(0, count * to.Length).Select(i => source[Index(
                from,
                i / to.Length,
                slice.FirstChannel + (i / (to.Height * to.Width) % to.Channels),
                slice.Crop.Top + (i / to.Width % to.Height * slice.Step.Height),
                slice.Crop.Left + (i % to.Width * slice.Step.Width))])],
            Add => [.. source.Select((_, i) => sources.Sum(s => s[i]))],
            Multiply => [.. source.Select((x, i) => x * sources[1][shapes[1] == from ? i : i / (from.Height * from.Width)])],
            ZeroPad2d pad => Pad(pad, source, from, to, count),
            Softmax => ApplySoftmax(source, from, count),
            AveragePool2d pool => Average(pool, source, from, to, count),
            GlobalAveragePool2d => [.. Enumerable.Range(0, count * to.Channels).Select(
                c => source[(c * from.Height * from.Width)..((c + 1) * from.Height * from.Width)].Average())],
            Dropout when !training => source,
            Dropout dropout => Drop(dropout, source, from, count),
            Concat => [.. Enumerable.Range(0, count).SelectMany(
                n => sources.SelectMany((s, k) => s[(n * shapes[k].Length)..((n + 1) * shapes[k].Length)]))],
            _ => throw new NotSupportedException(layer.Kind),
        };

        int ChannelOf(int i) => i / (from.Height * from.Width) % from.Channels;
    }

    /// <summary>(1 + erf(x / sqrt(2))) / 2, by Simpson's rule from 0.</summary>
    private static double NormalDistribution(double x)
    {
        const int Steps = 2000;
        double step = Math.Clamp(x, -40, 40) / Steps, sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            sum += Math.Exp(-0.5 * i * step * i * step) * (i is 0 or Steps ? 1 : i % 2 == 0 ? 2 : 4);
        }

        return 0.5 + (sum * step / 3 / Math.Sqrt(2 * Math.PI));
    }

    private double[] Standardize(LayerNorm2d norm, double[] pixel)
    {
        double[] weight = Parameters[$"{norm.Name}.weight"], bias = Parameters[$"{norm.Name}.bias"];
        double mean = pixel.Average(), deviation = Math.Sqrt(pixel.Average(x => (x - mean) * (x - mean)) + norm.Epsilon);
        return [.. pixel.Select((x, c) => ((x - mean) / deviation * weight[c]) + bias[c])];
    }

    /// <summary>Applies a function to the channels of each pixel.</summary>
    private static double[] ByPixel(double[] source, Shape shape, int count, Func<double[], double[]> function)
    {
        var result = new double[source.Length];
        for (int n = 0; n < count; n++)
            for (int y = 0; y < shape.Height; y++)
                for (int x = 0; x < shape.Width; x++)
                {
                    int[] at = [.. Enumerable.Range(0, shape.Channels).Select(c => Index(shape, n, c, y, x))];
                    double[] values = function([.. at.Select(i => source[i])]);
                    for (int c = 0; c < at.Length; c++)
                    {
                        result[at[c]] = values[c];
                    }
                }

        return result;
    }

    private double[] Convolve(Conv2d layer, double[] source, Shape from, Shape to, int count)
    {
        double[] weight = Parameters[$"{layer.Name}.weight"];
        double[] bias = layer.HasBias ? Parameters[$"{layer.Name}.bias"] : new double[to.Channels];
        (int kh, int kw) = layer.KernelSize;
        int part = from.Channels / layer.Groups;
        var result = new double[count * to.Length];
        for (int n = 0; n < count; n++)
            for (int o = 0; o < to.Channels; o++)
                for (int y = 0; y < to.Height; y++)
                    for (int x = 0; x < to.Width; x++)
                    {
                        double sum = bias[o];
                        int group = o / (to.Channels / layer.Groups);
                        for (int i = 0; i < part; i++)
                            for (int ky = 0; ky < kh; ky++)
                                for (int kx = 0; kx < kw; kx++)
                                {
                                    int sy = y * layer.Stride.Height - layer.Padding.Top + ky * layer.Dilation.Height;
                                    int sx = x * layer.Stride.Width - layer.Padding.Left + kx * layer.Dilation.Width;
                                    if (sy >= 0 && sy < from.Height && sx >= 0 && sx < from.Width)
                                    {
                                        double value = source[Index(from, n, group * part + i, sy, sx)];
                                        sum += value * weight[((o * part + i) * kh + ky) * kw + kx];
                                    }
                                }

                        result[Index(to, n, o, y, x)] = sum;
                    }

        return result;
    }

    private double[] ConvolveTransposed(ConvTranspose2d layer, double[] source, Shape from, Shape to, int count)
    {
        double[] weight = Parameters[$"{layer.Name}.weight"];
        double[] bias = layer.HasBias ? Parameters[$"{layer.Name}.bias"] : new double[to.Channels];
        (int kh, int kw) = layer.KernelSize;
        int part = to.Channels / layer.Groups;
        var result = new double[count * to.Length];
        for (int n = 0; n < count; n++)
            for (int o = 0; o < to.Channels; o++)
                for (int y = 0; y < to.Height; y++)
                    for (int x = 0; x < to.Width; x++)
                    {
                        result[Index(to, n, o, y, x)] = bias[o];
                    }

        for (int n = 0; n < count; n++)
            for (int i = 0; i < from.Channels; i++)
                for (int y = 0; y < from.Height; y++)
                    for (int x = 0; x < from.Width; x++)
                        for (int o = 0; o < part; o++)
                            for (int ky = 0; ky < kh; ky++)
                                for (int kx = 0; kx < kw; kx++)
                                {
                                    int group = i / (from.Channels / layer.Groups);
                                    int ty = y * layer.Stride.Height - layer.Padding.Top + ky * layer.Dilation.Height;
                                    int tx = x * layer.Stride.Width - layer.Padding.Left + kx * layer.Dilation.Width;
                                    if (ty >= 0 && ty < to.Height && tx >= 0 && tx < to.Width)
                                    {
                                        result[Index(to, n, group * part + o, ty, tx)]
                                            += source[Index(from, n, i, y, x)] * weight[((i * part + o) * kh + ky) * kw + kx];
                                    }
                                }

        return result;
    }

    private static double[] Pad(ZeroPad2d layer, double[] source, Shape from, Shape to, int count)
    {
        var result = new double[count * to.Length];
        for (int n = 0; n < count; n++)
            for (int c = 0; c < from.Channels; c++)
                for (int y = 0; y < from.Height; y++)
                    for (int x = 0; x < from.Width; x++)
                    {
                        result[Index(to, n, c, y + layer.Padding.Top, x + layer.Padding.Left)] = source[Index(from, n, c, y, x)];
                    }

        return result;
    }

    private static double[] ApplySoftmax(double[] source, Shape shape, int count)
    {
        var result = new double[source.Length];
        for (int n = 0; n < count; n++)
            for (int y = 0; y < shape.Height; y++)
                for (int x = 0; x < shape.Width; x++)
                {
                    int[] at = [.. Enumerable.Range(0, shape.Channels).Select(c => Index(shape, n, c, y, x))];
                    double total = at.Sum(i => Math.Exp(source[i]));
                    foreach (int i in at)
                    {
                        result[i] = Math.Exp(source[i]) / total;
                    }
                }

        return result;
    }

    private static double[] Average(AveragePool2d layer, double[] source, Shape from, Shape to, int count)
    {
        var result = new double[count * to.Length];
        for (int n = 0; n < count; n++)
            for (int c = 0; c < to.Channels; c++)
                for (int y = 0; y < to.Height; y++)
                    for (int x = 0; x < to.Width; x++)
                    {
                        double sum = 0;
                        int counted = 0;
                        for (int ky = 0; ky < layer.KernelSize.Height; ky++)
                            for (int kx = 0; kx < layer.KernelSize.Width; kx++)
                            {
                                int sy = y * layer.EffectiveStride.Height - layer.Padding.Top + ky;
                                int sx = x * layer.EffectiveStride.Width - layer.Padding.Left + kx;
                                bool inside = sy >= 0 && sy < from.Height && sx >= 0 && sx < from.Width;
                                sum += inside ? source[Index(from, n, c, sy, sx)] : 0;
                                bool counts = inside
                                    || (layer.CountIncludePadding
                                        && sy < from.Height + layer.Padding.Bottom
                                        && sx < from.Width + layer.Padding.Right);
                                counted += counts ? 1 : 0;
                            }

                        result[Index(to, n, c, y, x)] = sum / counted;
                    }

        return result;
    }

    private double[] Normalize(BatchNorm2d layer, double[] source, Shape shape, int count, bool training)
    {
        int pixels = shape.Height * shape.Width;
        var result = new double[source.Length];
        for (int c = 0; c < shape.Channels; c++)
        {
            int[] at =
            [
                .. Enumerable.Range(0, count)
                    .SelectMany(n => Enumerable.Range(0, pixels).Select(p => (n * shape.Channels + c) * pixels + p)),
            ];
            double mean = training ? at.Average(i => source[i]) : Parameters[$"{layer.Name}.running_mean"][c];
            double variance = training
                ? at.Average(i => (source[i] - mean) * (source[i] - mean))
                : Parameters[$"{layer.Name}.running_var"][c];
            foreach (int i in at)
            {
                result[i] = Parameters[$"{layer.Name}.weight"][c] * (source[i] - mean) / Math.Sqrt(variance + layer.Epsilon)
                    + Parameters[$"{layer.Name}.bias"][c];
            }
        }

        return result;
    }

    private static double[] Pool(MaxPool2d layer, double[] source, Shape from, Shape to, int count)
    {
        var result = new double[count * to.Length];
        for (int n = 0; n < count; n++)
            for (int c = 0; c < to.Channels; c++)
                for (int y = 0; y < to.Height; y++)
                    for (int x = 0; x < to.Width; x++)
                    {
                        double best = double.NegativeInfinity;
                        for (int ky = 0; ky < layer.KernelSize.Height; ky++)
                            for (int kx = 0; kx < layer.KernelSize.Width; kx++)
                            {
                                int sy = y * layer.EffectiveStride.Height - layer.Padding.Top + ky;
                                int sx = x * layer.EffectiveStride.Width - layer.Padding.Left + kx;
                                best = sy >= 0 && sy < from.Height && sx >= 0 && sx < from.Width
                                    ? Math.Max(best, source[Index(from, n, c, sy, sx)])
                                    : best;
                            }

                        result[Index(to, n, c, y, x)] = best;
                    }

        return result;
    }

    private static int Index(Shape shape, int n, int c, int y, int x) => ((n * shape.Channels + c) * shape.Height + y) * shape.Width + x;
}
