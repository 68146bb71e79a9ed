namespace SimNet.Compute.Tests;

/// <summary>
/// The outputs and gradients of the back end, in float32, against the outputs and central differences of the reference interpreter, in
/// double precision. Tolerance: 2e-5 of the largest output and 2e-4 of the largest gradient of a parameter (float32 rounding over sums of
/// up to a few thousand products; the central differences are exact to about 1e-8).
/// </summary>
public sealed class GradientTests
{
    private const int ValuesChecked = 12;

    private static readonly ManagedBackend Backend = new(new ManagedBackendOptions { MaxThreads = 1 });

    public static TheoryData<string> Names => [.. Networks().Select(n => n.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_and_gradients_match_the_definition(string name)
    {
        Network network = Networks().Single(n => n.Name == name);
        Verify(network, Loss.MeanSquaredError, count: 3, seed: 7);
    }

    [Fact]
    public void Gradient_of_every_loss_matches_its_definition()
    {
        var network = new Network("loss", new Shape(2, 5, 7), [new Conv2d("conv", 3, 3), new Sigmoid("sigmoid")]);
        Verify(network, Loss.MeanSquaredError, count: 4, seed: 3);
        Verify(network, Loss.BinaryCrossEntropy, count: 4, seed: 3);

        // 19 classes: a whole vector of each width, and a remainder.
        var classifier = new Network("classes", new Shape(2, 5, 7), [new Conv2d("conv", 19, 3), new GlobalAveragePool2d("average")]);
        Verify(classifier, Loss.CrossEntropy, count: 4, seed: 3);
        Verify(classifier, new CrossEntropy { LabelSmoothing = 0.1f, ClassWeights = [.. NetworkData.Uniform(19, 1)] }, count: 4, seed: 3);
        Verify(new Network("one class", new Shape(1, 1, 1), [new Conv2d("conv", 1, 1)]), Loss.CrossEntropy, count: 2, seed: 3);
    }

    // Twenty-five norms over few values amplify float32 rounding, and the gradient of a bias before a norm is nothing but rounding. An
    // incorrect gradient is off by its own size.
    [Fact]
    public void Gradients_are_correct_through_the_full_depth_of_SqueezeNet()
        => Verify(
            SqueezeNet.CreateESimNet(classes: 5, size: 32),
            new CrossEntropy { LabelSmoothing = 0.05f },
            count: 4,
            seed: 9,
            valuesChecked: 2,
            tolerance: 1e-2,
            parametersEvery: 17);

    [Fact]
    public void Gradients_are_correct_through_the_full_depth_of_the_autoencoder()
        => Verify(DenoisingAutoencoder.Create(size: 8), Loss.MeanSquaredError, count: 2, seed: 5);

    [Theory]
    [InlineData(VectorWidth.Auto)]
    [InlineData(VectorWidth.Scalar)]
    public void Gradient_goes_to_the_first_of_equal_maxima_in_row_major_order(VectorWidth width)
    {
        // With weights of zero every value equals the bias, and the gradient of the weight is the input at the chosen maxima.
        var network = new Network("ties", new Shape(1, 4, 40), [new Conv2d("conv", 17, 1), new Relu("relu"), new MaxPool2d("pool", 2)]);
        var weights = new StateDict(network.Parameters.Select(p => KeyValuePair.Create(
            p.Name, new WeightTensor(p.Dimensions, Enumerable.Repeat(p.Dimensions.Length == 1 ? 1f : 0f, p.Count).ToArray()))));
        float[] input = NetworkData.Normal(network.InputShape.Length, 1);
        using var session = (ManagedTrainingSession)new ManagedBackend(new ManagedBackendOptions { VectorWidth = width })
            .CreateTrainingSession(
            network, weights, new TrainingSessionOptions());
        session.TrainStep(input, new float[network.OutputShape.Length], 1, 0);
        double expected = 0;
        for (int y = 0; y < 4; y += 2)
        {
            for (int x = 0; x < 40; x += 2)
            {
                expected += 2.0 / network.OutputShape.Length * input[y * 40 + x];
            }
        }

        Assert.All(session.GetGradient("conv.weight").ToArray(), gradient => Assert.Equal(expected, gradient, 1e-6));
    }

    private static IEnumerable<Network> Networks()
    {
        // Each layer follows a pointwise convolution, whose weight gradient depends on the input gradient of the layer.
        foreach ((int kernel, int stride, int padding, int channels, int filters) in new[]
        {
            (1, 1, 0, 5, 7), (2, 1, 0, 3, 17), (3, 1, 1, 33, 2), (3, 2, 1, 16, 34), (5, 1, 2, 9, 1), (4, 3, 1, 1, 20), (3, 3, 0, 2, 3),
            (2, 3, 1, 3, 5), (3, 1, 4, 8, 2),
        })
        {
            string settings = $"k{kernel}s{stride}p{padding}c{channels}f{filters}";
            yield return new Network($"conv-{settings}", new Shape(2, 9, 11),
            [
                new Conv2d("first", channels, 1),
                new Conv2d("second", filters, kernel) { Stride = stride, Padding = padding },
            ]);
            yield return new Network($"transposed-{settings}", new Shape(2, 5, 4),
            [
                new Conv2d("first", channels, 1),
                new ConvTranspose2d("second", filters, kernel)
                {
                    Stride = stride, Padding = Math.Min(padding, kernel - 1), OutputPadding = stride - 1,
                },
            ]);
        }

        foreach ((string settings, Size2d kernel, Size2d stride, Padding2d padding, Size2d dilation, int groups, int channels, int filters,
            bool bias) in new (string, Size2d, Size2d, Padding2d, Size2d, int, int, int, bool)[]
        {
            ("rectangular", new(1, 4), new(2, 1), new(0, 1, 0, 2), 1, 1, 5, 7, true),
            ("uneven padding", 3, 2, new(0, 0, 1, 1), 1, 1, 9, 5, false),
            ("few filters, uneven padding", 3, 1, new(1, 0, 2, 1), 1, 1, 9, 2, true),
            ("dilated", new(3, 2), 1, 2, new(2, 3), 1, 6, 17, true),
            ("dilated with steps", 2, new(2, 3), 1, new(3, 2), 1, 6, 3, true),
            ("groups", 3, new(2, 1), 1, 1, 3, 9, 6, false),
            ("groups of one filter", 2, 1, 0, 1, 4, 8, 4, true),
            ("groups without windows", 1, 1, 0, 1, 2, 34, 36, true),
            ("depthwise", 3, 1, 1, 1, 21, 21, 21, true),
            ("depthwise 5x5 with steps", 5, 2, 2, 1, 33, 33, 33, false),
            ("depthwise, dilated and uneven", new(2, 3), new(1, 2), new(2, 0, 1, 3), new(2, 1), 16, 16, 16, true),
            ("depthwise, two filters for each channel", 3, 2, 1, 1, 5, 5, 10, false),
            ("padding beyond the kernel", new(2, 1), 1, 2, 1, 1, 3, 4, true),
        })
        {
            yield return new Network($"conv, {settings}", new Shape(2, 9, 11),
            [
                new Conv2d("first", channels, 1),
                new Conv2d("second", filters, kernel)
                {
                    Stride = stride, Padding = padding, Dilation = dilation, Groups = groups, HasBias = bias,
                },
            ]);
            yield return new Network($"transposed, {settings}", new Shape(2, 6, 5),
            [
                new Conv2d("first", channels, 1),
                new ConvTranspose2d("second", filters, kernel)
                {
                    Stride = stride, Padding = padding, OutputPadding = new Size2d(stride.Height - 1, stride.Width - 1),
                    Dilation = dilation, Groups = groups, HasBias = bias,
                },
            ]);
        }

        yield return new Network("sums, products and zero padding", new Shape(2, 6, 7),
        [
            new Conv2d("a", 18, 3) { Padding = 1, HasBias = false }, new BatchNorm2d("norm"), new Conv2d("b", 18, 1) { Inputs = ["input"] },
            new Add("add") { Inputs = ["norm", "b", "b"] }, new HardSigmoid("act"),
            new Multiply("square") { Inputs = ["act", "act"] }, new GlobalAveragePool2d("average") { Inputs = ["add"] },
            new Sigmoid("gate"), new Multiply("gated") { Inputs = ["square", "gate"] },
            new ZeroPad2d("pad") { Padding = new Padding2d(2, 0, 1, 3) }, new Add("twice") { Inputs = ["pad", "pad"] },
            new Multiply("product") { Inputs = ["twice", "pad"] }, new Conv2d("out", 3, 2),
        ]);
        yield return new Network("average pools and softmax", new Shape(2, 11, 9),
        [
            new Conv2d("conv1", 19, 2), new AveragePool2d("pool1", 3) { Stride = 2, Padding = 1, CeilMode = true },
            new AveragePool2d("pool2", new Size2d(2, 1))
            {
                Stride = new Size2d(1, 2), Padding = new Padding2d(1, 0, 0, 0), CountIncludePadding = false,
            },
            new Softmax("softmax"),
            new AveragePool2d("pool3", 2),
        ]);
        yield return new Network("pools with padding", new Shape(2, 8, 9),
        [
            new Conv2d("conv1", 17, 3), new Relu("relu"), new MaxPool2d("pool1", 3) { Stride = 2, Padding = 1 },
            new LeakyRelu("leaky"),
            new MaxPool2d("pool2", new Size2d(3, 2)) { Stride = 1, Padding = new Padding2d(2, 0, 1, 1), CeilMode = true },
        ]);
        foreach (Layer activation in new Layer[]
        {
            new Silu("act"), new HardSwish("act"), new HardSigmoid("act") { Alpha = 0.3f },
            new Clip("act") { Minimum = -0.4f, Maximum = 0.5f }, new Clip("act"), new Sigmoid("act"), new Gelu("act"),
        })
        {
            // Twice in a row, after a norm, after a layer that it cannot be fused into, and with two consumers.
            string name = $"{activation.Kind}{(activation as Clip)?.Maximum}";
            yield return new Network(name, new Shape(3, 5, 6),
            [
                new Conv2d("conv1", 18, 2), activation, activation with { Name = "again" }, new BatchNorm2d("norm"),
                activation with { Name = "normed" },
                new MaxPool2d("pool", 2), activation with { Name = "pooled" }, new Conv2d("conv2", 17, 1),
                activation with { Name = "both" },
                new Concat("cat") { Inputs = ["both", "pooled"] }, new Conv2d("conv3", 2, 1),
            ]);
        }

        yield return new Network("norms over the channels and parametric ReLUs", new Shape(2, 6, 5),
        [
            new Conv2d("conv1", 19, 2), new PRelu("prelu1"), new LayerNorm2d("norm1") { Epsilon = 0.1f }, new Dropout("dropout"),
            new Conv2d("conv2", 18, 1), new L2Normalization("unit") { Epsilon = 0.1f }, new PRelu("prelu2"),
            new Add("add") { Inputs = ["prelu2", "unit"] }, new Flatten("flatten"), new Conv2d("conv3", 21, 1), new LogSoftmax("log"),
        ]);
        yield return new Network("slices and shuffles", new Shape(3, 7, 8),
        [
            new LayerNorm2d("norm"), new Conv2d("conv1", 12, 2), new Slice("left") { Channels = 6 },
            new Slice("right") { FirstChannel = 6, Inputs = ["conv1"] }, new Conv2d("conv2", 6, 1),
            new Concat("cat") { Inputs = ["left", "conv2"] }, new ChannelShuffle("shuffle") { Groups = 3 },
            new Slice("pixels") { Crop = new Padding2d(1, 0, 0, 2), Step = 2 }, new Conv2d("conv3", 2, 1),
        ]);
        yield return new Network("powers", new Shape(2, 5, 5),
        [
            new Conv2d("conv1", 18, 2), new Power("square"), new Clip("least") { Minimum = 0.02f, Maximum = 9 },
            new Power("power") { Exponent = 1.3f }, new GlobalAveragePool2d("mean"), new Power("root") { Exponent = 0.5f },
            new Conv2d("conv2", 2, 1),
        ]);
        yield return new Network("pools", new Shape(3, 11, 9),
        [
            new Conv2d("conv1", 18, 2), new Relu("relu1"), new MaxPool2d("pool1", 2), new MaxPool2d("pool2", 3) { Stride = 1 },
            new LeakyRelu("leaky"), new Conv2d("conv2", 2, 1),
        ]);
        yield return new Network("overlapping pool and gap", new Shape(2, 10, 12),
        [
            new Conv2d("conv1", 5, 3) { Padding = 1 }, new MaxPool2d("pool1", 3) { Stride = 2 }, new MaxPool2d("pool2", 1) { Stride = 2 },
            new Sigmoid("sigmoid"),
        ]);
        yield return new Network("pools with a last window cut off", new Shape(2, 8, 12),
        [
            new Conv2d("conv1", 21, 3) { Padding = 1 }, new MaxPool2d("pool1", 3) { Stride = 2, CeilMode = true }, new Relu("relu"),
            new MaxPool2d("pool2", 5) { Stride = 3, CeilMode = true }, new LeakyRelu("leaky"),
            new MaxPool2d("pool3", 2) { CeilMode = true },
        ]);
        yield return new Network("averages", new Shape(2, 9, 5),
        [
            new Conv2d("conv1", 19, 2), new Relu("relu"), new GlobalAveragePool2d("average"), new Conv2d("conv2", 5, 1),
            new GlobalAveragePool2d("again"),
        ]);
        yield return new Network("dropout", new Shape(3, 6, 5),
        [
            new Dropout("first"), new Conv2d("conv1", 7, 3), new Dropout("in place") { Rate = 0.3f }, new Relu("relu"),
            new Dropout("not in place") { Rate = 0.1f },
            new Conv2d("conv2", 9, 2), new BatchNorm2d("norm"), new Dropout("after norm"),
            new Concat("cat") { Inputs = ["after norm", "norm"] }, new Dropout("nothing") { Rate = 0 },
            new MaxPool2d("pool", 2), new Dropout("last") { Rate = 0.2f },
        ]);
        yield return new Network("norms", new Shape(3, 6, 5),
        [
            new BatchNorm2d("norm0"), new Conv2d("conv1", 19, 3), new BatchNorm2d("norm1") { Epsilon = 1e-3f },
            new LeakyRelu("leaky") { NegativeSlope = 0.2f },
            new Conv2d("conv2", 3, 2), new BatchNorm2d("norm2"), new Sigmoid("sigmoid"),
        ]);
        yield return new Network("activations", new Shape(2, 5, 5),
        [
            new Conv2d("conv1", 4, 3), new LeakyRelu("falling") { NegativeSlope = -0.3f }, new Relu("relu"), new Sigmoid("sigmoid1"),
            new Sigmoid("sigmoid2"),
            new Conv2d("conv2", 3, 1), new LeakyRelu("leaky1"), new LeakyRelu("leaky2") { NegativeSlope = 0.5f },
        ]);
        yield return new Network("fire", new Shape(3, 8, 7),
        [
            new Conv2d("squeeze", 6, 1), new BatchNorm2d("norm"), new LeakyRelu("act"),
            new Conv2d("left", 10, 1), new Relu("left.act"), new Conv2d("right", 7, 3) { Padding = 1, Inputs = ["act"] },
            new Relu("right.act"),
            new Concat("cat") { Inputs = ["left.act", "right.act"] }, new MaxPool2d("pool", 3) { Stride = 2 }, new Conv2d("out", 4, 1),
        ]);
        yield return new Network("fan-out", new Shape(2, 6, 6),
        [
            new Conv2d("stem", 5, 3) { Padding = 1 }, new Relu("relu"), new MaxPool2d("pool", 2), new Conv2d("a", 4, 3) { Padding = 1 },
            new Relu("other") { Inputs = ["stem"] }, new MaxPool2d("other.pool", 2), new Sigmoid("gate") { Inputs = ["pool"] },
            new Concat("cat") { Inputs = ["a", "pool", "gate", "a", "other.pool"] }, new Conv2d("b", 3, 2),
            new Concat("twice") { Inputs = ["b", "b"] },
        ]);
        yield return new Network("input used twice and an unused branch", new Shape(3, 4, 4),
        [
            new Conv2d("a", 2, 1), new Conv2d("unused", 9, 3), new Concat("cat") { Inputs = ["a", "input", "input"] },
            new Relu("relu") { Inputs = ["cat"] }, new Conv2d("b", 2, 2),
        ]);
    }

    private static void Verify(
        Network network,
        Loss loss,
        int count,
        int seed,
        int valuesChecked = ValuesChecked,
        double tolerance = 2e-4,
        int parametersEvery = 1)
    {
        StateDict weights = NetworkData.Weights(network, seed);
        float[] input = NetworkData.Normal(count * network.InputShape.Length, seed);
        float[] target = NetworkData.Uniform(count * network.OutputShape.Length, seed);
        var output = new float[target.Length];
        var reference = new ReferenceInterpreter(network, weights);
        double[] wideInput = NetworkData.ToDouble(input);
        double[] wideTarget = NetworkData.ToDouble(target);

        using var session = (ManagedTrainingSession)Backend.CreateTrainingSession(
            network, weights, new TrainingSessionOptions { Loss = loss, Optimizer = new Sgd { Momentum = 0 } });
        float evaluated = session.Evaluate(input, target, count, output);
        double[] inferred = reference.Forward(wideInput, count, training: false)[^1];
        Assert.True(NetworkData.Distance(inferred, NetworkData.ToDouble(output)) < 2e-5, "inference output");
        Assert.Equal(ReferenceInterpreter.LossOf(loss, inferred, wideTarget, count), evaluated, 1e-4);

        float trained = session.TrainStep(input, target, count, learningRate: 0, output);
        double[] forward = reference.Forward(wideInput, count, training: true)[^1];
        Assert.True(NetworkData.Distance(forward, NetworkData.ToDouble(output)) < 2e-5, "training output");
        Assert.Equal(ReferenceInterpreter.LossOf(loss, forward, wideTarget, count), trained, 1e-4);

        for (int layer = 0; layer < network.Layers.Length; layer++)
        {
            foreach (ParameterInfo parameter
                in network.ParametersByLayer[layer].Where(
                    p => p.Trainable && network.Layers[layer].Name != "unused" && network.Parameters.IndexOf(p) % parametersEvery == 0))
            {
                // A few values individually, and all of them along a random direction.
                double[] gradient = NetworkData.ToDouble(session.GetGradient(parameter.Name).ToArray());
                int every = (gradient.Length + valuesChecked - 1) / valuesChecked;
                int[] checkedAt = [.. Enumerable.Range(0, gradient.Length).Where(i => i % every == 0)];
                double[] expected = [.. checkedAt.Select(i => Derivative(parameter.Name, Unit(gradient.Length, i)))];
                double distance = NetworkData.Distance(expected, checkedAt.Select(i => gradient[i]), floor: 1e-3);
                Assert.True(
                    distance < tolerance, $"{network.Name}: gradient of {parameter.Name} is off by {distance:E1} of its largest value");

                double[] direction = [.. NetworkData.Normal(gradient.Length, seed).Select(v => v / Math.Sqrt(gradient.Length))];
                double along = gradient.Zip(direction, (g, d) => g * d).Sum();
                double length = Math.Max(1e-3, Math.Sqrt(gradient.Sum(g => g * g))) / Math.Sqrt(gradient.Length);
                double off = Math.Abs(along - Derivative(parameter.Name, direction)) / length;
                Assert.True(
                    off < tolerance, $"{network.Name}: gradient of {parameter.Name} along a direction is off by {off:E1} of its length");
            }
        }

        double Derivative(string parameter, double[] direction) => reference.Derivative(
            parameter, direction, wideInput, wideTarget, count, loss);

        static double[] Unit(int length, int at)
        {
            var direction = new double[length];
            direction[at] = 1;
            return direction;
        }
    }
}
