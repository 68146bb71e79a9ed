using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>Reads what <c>--model</c> names: the model that comes with the library as <c>default</c>, a model file, the pixel baseline of a size as <c>pixels:16</c>, or a network with torchvision's weights as <c>squeezenet1_1:FILE</c>.</summary>
internal static class ModelArgument
{
    /// <summary>Names the model that comes with the library; a file of that name is <c>./default</c>.</summary>
    public const string Default = "default";

    public const string Description = "default for the model that comes with the library; a model file; pixels:SIZE for the baseline that compares thumbnails of that size pixel by pixel; or squeezenet1_1:FILE (squeezenet1_0, esimnet) for ImageNet weights under torchvision's names.";

    public const string MetricDescription = "How vectors are compared; without it Cosine for the default model, Euclidean for any other.";

    /// <summary>A builder of engines with this model, and this metric if one was told: else the builder has its own for the model.</summary>
    public static SimilarityEngineBuilder CreateBuilder(string argument, Metric? metric)
    {
        SimilarityEngineBuilder builder = SimilarityEngine.CreateBuilder();
        builder = argument == Default ? builder : builder.UseModel(Load(argument));
        return metric is Metric told ? builder.UseMetric(told) : builder;
    }

    private static Model Load(string argument)
    {
        if (File.Exists(argument) || argument.Split(':', 2) is not [var kind, var rest])
        {
            return Model.Load(argument);
        }

        if (kind == PixelModel.NetworkName)
        {
            return int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is >= 1 and <= 1024
                ? PixelModel.Create(size)
                : throw new ArgumentException($"'{argument}' is no baseline; expected pixels:SIZE with a size from 1 to 1024.");
        }

        if (!ClassifierOptions.Networks.TryGetValue(kind, out Func<int, int, Network>? create))
        {
            return Model.Load(argument);
        }

        // As many classes as the file's last layer has; a model file's metadata is not looked at.
        StateDict weights = SafetensorsFile.Read(rest).Tensors;
        Preprocessing preprocessing = Preprocessing.ImageNet;
        string last = create(2, preprocessing.Width).Parameters[^1].Name;
        int classes = weights.TryGetValue(last, out WeightTensor? tensor) ? tensor.Dimensions[0]
            : throw new ModelFormatException($"no '{last}'; the weights are of another network than '{kind}'", rest);
        return new Model(create(classes, preprocessing.Width), weights, SqueezeNet.EmbeddingLayer, preprocessing.ToMetadata());
    }
}
