using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The options of <c>simnet train</c> for classifiers.</summary>
internal sealed class ClassifierOptions
{
    /// <summary>Creates the networks of classifiers for a number of classes and an image size, by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<int, int, Network>> Networks = new Dictionary<string, Func<int, int, Network>>
    {
        ["esimnet"] = SqueezeNet.CreateESimNet,
        ["esimnet1_1"] = (classes, size) => SqueezeNet.CreateESimNet(SqueezeNetVersion.V1_1, classes, size),
        ["squeezenet1_0"] = (classes, size) => SqueezeNet.Create(SqueezeNetVersion.V1_0, classes, size),
        ["squeezenet1_1"] = (classes, size) => SqueezeNet.Create(SqueezeNetVersion.V1_1, classes, size),
    };

    private readonly Option<int> _size = new("--size")
    {
        DefaultValueFactory = _ => 224,
        HelpName = "N",
        Description = "The height and width that images are resized to.",
    };

    private readonly Option<TrainingStage[]?> _stages = new("--stages")
    {
        CustomParser = ParseStages,
        HelpName = "SIZExEPOCHS,...",
        Description = "Several sizes in turn, such as 112x8,224x2, instead of --size and --epochs.",
    };

    private readonly Option<string?> _weights = new("--weights")
    {
        HelpName = "FILE",
        Description = "The initial weights: a model file, or a safetensors file of torchvision weights. "
            + "The last layer is initialized at random if the number of classes differs; batch norms that the file does not contain "
            + "are fitted to the images.",
    };

    private readonly Option<string> _optimizer = new("--optimizer")
    {
        DefaultValueFactory = _ => "adamw",
        Description = "The optimizer; adamw is Adam with decoupled weight decay.",
    };

    private readonly Option<double> _warmUp = new("--warm-up")
    {
        DefaultValueFactory = _ => 1,
        HelpName = "EPOCHS",
        Description = "The number of epochs in which the learning rate rises, before it decays along a cosine.",
    };

    private readonly Option<float> _weightDecay = new("--weight-decay")
    {
        HelpName = "X",
        Description = "The weight decay of convolution weights.",
    };

    private readonly Option<float> _labelSmoothing = new("--label-smoothing")
    {
        DefaultValueFactory = _ => 0.1f,
        HelpName = "SHARE",
        Description = "The share of each target that is spread over all classes.",
    };

    private readonly Option<bool> _augmentation = new("--augmentation")
    {
        DefaultValueFactory = _ => true,
        HelpName = "true|false",
        Description = "Whether to flip, rotate, crop and tint training images at random.",
    };

    private readonly Option<double> _erasing = new("--erasing")
    {
        HelpName = "P",
        Description = "The probability of erasing a random rectangle of a training image.",
    };

    private readonly Option<double> _mixup = new("--mixup")
    {
        HelpName = "ALPHA",
        Description = "The alpha of mixup, which blends pairs of training images; 0 to disable.",
    };

    private readonly Option<double> _cutMix = new("--cutmix")
    {
        HelpName = "ALPHA",
        Description = "The alpha of CutMix, which pastes rectangles of one training image into another; 0 to disable.",
    };

    private readonly Option<string[]> _freeze = new("--freeze")
    {
        AllowMultipleArgumentsPerToken = true,
        HelpName = "LAYER",
        Description = "The layers whose weights are not trained, such as features.0, which includes all layers below it.",
    };

    private readonly Option<float> _average = new("--ema")
    {
        HelpName = "DECAY",
        Description = "Evaluate and save an exponential moving average of the weights with this decay, such as 0.999.",
    };

    private readonly Option<float> _clip = new("--clip")
    {
        HelpName = "NORM",
        Description = "The largest norm of the gradient.",
    };

    private readonly Option<bool> _keepBest = new("--keep-best")
    {
        DefaultValueFactory = _ => true,
        HelpName = "true|false",
        Description = "Whether to save the epoch of the last stage with the smallest validation loss, instead of the last epoch.",
    };

    private readonly Option<int> _patience = new("--patience")
    {
        HelpName = "EPOCHS",
        Description = "End the last stage after this number of epochs without a smaller validation loss; 0 to disable.",
    };

    private readonly Option<bool> _prune = new("--prune")
    {
        Description = "Set the smallest of the --weights to 0, in the shares of the e-SimNet paper, and train the others. "
            + "For esimnet and squeezenet1_0. The file contains only the remaining weights.",
    };

    private readonly Option<bool> _half = new("--half")
    {
        Description = "Write 16-bit weights.",
    };

    private readonly Option<bool> _balance = new("--balance")
    {
        Description = "Give rare classes the same total weight as frequent ones.",
    };

    public ClassifierOptions(Command command)
    {
        _optimizer.AcceptOnlyFromAmong("adam", "adamw", "sgd");
        Option[] options =
        [
            _size, _stages, _weights, _optimizer, _warmUp, _weightDecay, _labelSmoothing, _augmentation, _erasing, _mixup, _cutMix, _freeze,
            _average, _clip, _keepBest, _patience, _prune, _half, _balance,
        ];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Creates the training options, except those that all networks have.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="epochs">The number of epochs if no stages are given.</param>
    public ClassifierTrainingOptions Create(ParseResult result, string network, int epochs)
    {
        if (result.GetValue(_prune) && result.GetValue(_weights) is null)
        {
            throw new ArgumentException("--prune is given without --weights; expected the weights of a trained network.");
        }

        string optimizer = result.GetRequiredValue(_optimizer);
        Optimizer chosen = optimizer == "sgd" ? new Sgd() : new Adam { DecoupledWeightDecay = optimizer == "adamw" };
        Augmentation augmentation =
            result.GetValue(_augmentation) ? ClassifierTrainingOptions.DefaultAugmentation : Augmentation.None;
        return new ClassifierTrainingOptions
        {
            Decoder = ImageOptions.Decoder,
            Architecture = Networks[network],
            Stages = result.GetValue(_stages) is { Length: > 0 } stages
                ? [.. stages]
                : [new TrainingStage(result.GetValue(_size), epochs)],
            InitialWeights = result.GetValue(_weights) is { } file ? ModelArgument.ReadWeights(file) : null,
            PruningShares = result.GetValue(_prune) ? SqueezeNet.PruningShares : null,
            Optimizer = chosen with { WeightDecay = result.GetValue(_weightDecay), DecayKernelsOnly = true },
            Schedule = new CosineSchedule { WarmUpEpochs = result.GetValue(_warmUp) },
            LabelSmoothing = result.GetValue(_labelSmoothing),
            Augmentation = augmentation with { Erasing = result.GetValue(_erasing) },
            Mixup = result.GetValue(_mixup),
            CutMix = result.GetValue(_cutMix),
            FrozenLayers = [.. result.GetValue(_freeze) ?? []],
            AverageDecay = result.GetValue(_average),
            MaxGradientNorm = result.GetValue(_clip),
            KeepBest = result.GetValue(_keepBest),
            Patience = result.GetValue(_patience),
            BalanceClasses = result.GetValue(_balance),
        };
    }

    /// <summary>Creates the options for writing the model. The ONNX format does not support sparse weights.</summary>
    public ModelSaveOptions SaveOptions(ParseResult result, string path) => new()
    {
        HalfPrecision = result.GetValue(_half),
        Sparse = result.GetValue(_prune) && !path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
    };

    private static TrainingStage[]? ParseStages(ArgumentResult argument)
    {
        var stages = new List<TrainingStage>();
        foreach (string part in argument.Tokens[0].Value.Split(','))
        {
            if (part.Split('x') is not [var size, var epochs] || !TryRead(size, out int pixels) || !TryRead(epochs, out int times))
            {
                argument.AddError($"'{part}' is not a stage; expected SIZExEPOCHS, such as 112x8.");
                return null;
            }

            stages.Add(new TrainingStage(pixels, times));
        }

        return [.. stages];

        static bool TryRead(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1;
    }
}
