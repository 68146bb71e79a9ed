using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>The options of <c>simnet train</c> that only networks which learn classes have.</summary>
internal sealed class ClassifierOptions
{
    /// <summary>The networks that learn classes, by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<int, int, Network>> Networks = new Dictionary<string, Func<int, int, Network>>
    {
        ["esimnet"] = SqueezeNet.CreateESimNet,
        ["esimnet1_1"] = (classes, size) => SqueezeNet.CreateESimNet(SqueezeNetVersion.V1_1, classes, size),
        ["squeezenet1_0"] = (classes, size) => SqueezeNet.Create(SqueezeNetVersion.V1_0, classes, size),
        ["squeezenet1_1"] = (classes, size) => SqueezeNet.Create(SqueezeNetVersion.V1_1, classes, size),
    };

    private readonly Option<int> _size = new("--size") { DefaultValueFactory = _ => 224, HelpName = "N", Description = "Height and width that images are brought to." };

    private readonly Option<TrainingStage[]?> _stages = new("--stages") { HelpName = "SIZExEPOCHS,...", CustomParser = ParseStages, Description = "Several sizes one after the other, such as 112x8,224x2, instead of --size and --epochs." };

    private readonly Option<string?> _weights = new("--weights") { HelpName = "FILE", Description = "Weights to begin with, under the network's names: torchvision's as safetensors, or a model file of either form. The last layer is drawn anew where the number of classes is another; norms that the file lacks are fitted to the images." };

    private readonly Option<string> _optimizer = new("--optimizer") { DefaultValueFactory = _ => "adamw", Description = "The optimizer; adamw is adam with decoupled weight decay." };

    private readonly Option<double> _warmUp = new("--warm-up") { DefaultValueFactory = _ => 1, HelpName = "EPOCHS", Description = "Epochs over which the learning rate rises; it then falls along a cosine." };

    private readonly Option<float> _weightDecay = new("--weight-decay") { HelpName = "X", Description = "How strongly convolutions' weights are drawn to 0." };

    private readonly Option<float> _labelSmoothing = new("--label-smoothing") { DefaultValueFactory = _ => 0.1f, HelpName = "SHARE", Description = "Share of each target spread over all classes." };

    private readonly Option<bool> _augmentation = new("--augmentation") { DefaultValueFactory = _ => true, HelpName = "true|false", Description = "Whether training images are mirrored, turned, cropped and tinted at random." };

    private readonly Option<double> _erasing = new("--erasing") { HelpName = "P", Description = "Probability that a rectangle of a training image is covered." };

    private readonly Option<double> _mixup = new("--mixup") { HelpName = "ALPHA", Description = "Mixup's alpha: training images are blended in pairs; 0 for not." };

    private readonly Option<double> _cutMix = new("--cutmix") { HelpName = "ALPHA", Description = "CutMix's alpha: rectangles of training images show others; 0 for not." };

    private readonly Option<string[]> _freeze = new("--freeze") { AllowMultipleArgumentsPerToken = true, HelpName = "LAYER", Description = "Layers that keep their weights, such as features.0; all whose names begin so and a dot are meant as well." };

    private readonly Option<float> _average = new("--ema") { HelpName = "DECAY", Description = "Judge and keep an exponential moving average of the weights, such as of 0.999." };

    private readonly Option<float> _clip = new("--clip") { HelpName = "NORM", Description = "The most that the gradient may measure." };

    private readonly Option<bool> _keepBest = new("--keep-best") { DefaultValueFactory = _ => true, HelpName = "true|false", Description = "Whether to keep the last stage's best epoch by the validation loss, not its last." };

    private readonly Option<int> _patience = new("--patience") { HelpName = "EPOCHS", Description = "End the last stage after so many epochs without a new best one; 0 for never." };

    private readonly Option<bool> _prune = new("--prune") { Description = "Set the smallest of --weights to 0, in the shares of e-SimNet's paper, and train on what is left; for esimnet and squeezenet1_0. The file holds what is left alone." };

    private readonly Option<bool> _half = new("--half") { Description = "Write weights in 16 bits." };

    private readonly Option<bool> _balance = new("--balance") { Description = "Let rare classes count for as much as frequent ones." };

    public ClassifierOptions(Command command)
    {
        _optimizer.AcceptOnlyFromAmong("adam", "adamw", "sgd");
        foreach (Option option in (Option[])[_size, _stages, _weights, _optimizer, _warmUp, _weightDecay, _labelSmoothing, _augmentation, _erasing, _mixup, _cutMix, _freeze, _average, _clip, _keepBest, _patience, _prune, _half, _balance])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How to train, but for what all networks have in common.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="network">The network's name.</param>
    /// <param name="epochs">Epochs where no stages are told.</param>
    public ClassifierTrainingOptions Create(ParseResult result, string network, int epochs)
    {
        if (result.GetValue(_prune) && result.GetValue(_weights) is null)
        {
            throw new ArgumentException("--prune wants --weights of a trained network: it keeps the largest of them.");
        }

        string optimizer = result.GetRequiredValue(_optimizer);
        Optimizer chosen = optimizer == "sgd" ? new Sgd() : new Adam { DecoupledWeightDecay = optimizer == "adamw" };
        return new ClassifierTrainingOptions
        {
            Architecture = Networks[network],
            Stages = result.GetValue(_stages) is { Length: > 0 } stages ? [.. stages] : [new TrainingStage(result.GetValue(_size), epochs)],
            InitialWeights = result.GetValue(_weights) is { } file ? ModelArgument.ReadWeights(file) : null,
            PruningShares = result.GetValue(_prune) ? SqueezeNet.PruningShares : null,
            Optimizer = chosen with { WeightDecay = result.GetValue(_weightDecay), DecayKernelsOnly = true },
            Schedule = new CosineSchedule { WarmUpEpochs = result.GetValue(_warmUp) },
            LabelSmoothing = result.GetValue(_labelSmoothing),
            Augmentation = (result.GetValue(_augmentation) ? ClassifierTrainingOptions.DefaultAugmentation : Augmentation.None) with { Erasing = result.GetValue(_erasing) },
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

    /// <summary>How to write the model. ONNX has no form for what pruning leaves: there, zeros are written out.</summary>
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
                argument.AddError($"'{part}' is no stage; expected SIZExEPOCHS, such as 112x8.");
                return null;
            }

            stages.Add(new TrainingStage(pixels, times));
        }

        return [.. stages];

        static bool TryRead(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1;
    }
}
