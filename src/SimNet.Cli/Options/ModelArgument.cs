using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>
/// Reads what <c>--model</c> names: the model that comes with the library as <c>default</c>, a model file, the pixel baseline of a size as
/// <c>pixels:16</c>, or a network with torchvision's weights as <c>squeezenet1_1:FILE</c> (or the file alone, where its metadata names the network).
/// </summary>
internal static class ModelArgument
{
    /// <summary>Names the model that comes with the library; a file of that name is <c>./default</c>.</summary>
    public const string Default = "default";

    /// <summary>Under which a file of plain weights may name their network.</summary>
    private const string ArchitectureKey = "architecture";

    public const string Description = "default for the model that comes with the library; a model file, ONNX (of other programs too: then images are prepared as for ImageNet) or safetensors; pixels:SIZE for the baseline that compares thumbnails of that size pixel by pixel; or squeezenet1_1:FILE (squeezenet1_0, esimnet) for ImageNet weights under torchvision's names.";

    public const string MetricDescription = "How vectors are compared; without it Cosine for the default model, Euclidean for any other.";

    /// <summary>A builder of engines with this model, and this metric if one was told: else the builder has its own for the model.</summary>
    public static SimilarityEngineBuilder CreateBuilder(string argument, Metric? metric, IInferenceBackend? backend)
    {
        SimilarityEngineBuilder builder = SimilarityEngine.CreateBuilder();
        builder = backend is null ? builder : builder.UseEmbedder(new ImageEmbedderOptions { Backend = backend });
        builder = argument == Default ? builder : builder.UseModel(Prepared(Load(argument)));
        return metric is Metric told ? builder.UseMetric(told) : builder;
    }

    /// <summary>The model; one from elsewhere as it is, without preprocessing.</summary>
    /// <param name="argument">What <c>--model</c> says.</param>
    /// <param name="network">The network whose weights the file holds; null where the argument or the file says it.</param>
    public static Model Load(string argument, string? network = null)
    {
        if (network is not null)
        {
            return FromWeights(network, ReadWeights(argument), argument);
        }

        if (argument == Default)
        {
            return ImageEmbedder.Default.Model;
        }

        if (File.Exists(argument) || argument.Split(':', 2) is not [var kind, var rest])
        {
            return LoadFile(argument);
        }

        if (kind == PixelModel.NetworkName)
        {
            return int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is >= 1 and <= 1024
                ? PixelModel.Create(size)
                : throw new ArgumentException($"'{argument}' is no baseline; expected pixels:SIZE with a size from 1 to 1024.");
        }

        return ClassifierOptions.Networks.ContainsKey(kind) ? FromWeights(kind, ReadWeights(rest), rest) : LoadFile(argument);
    }

    /// <summary>Weights alone, of a model file in whatever form or of a file of plain tensors.</summary>
    public static StateDict ReadWeights(string file)
    {
        try
        {
            return Model.Load(file).Weights;
        }
        catch (ModelFormatException) when (ReadPlain(file) is { } content)
        {
            return content.Tensors;
        }
    }

    /// <summary>A model that another program exported says nothing of its images: what ImageNet's networks expect is the likeliest.</summary>
    private static Model Prepared(Model model)
    {
        if (model.Metadata.ContainsKey(Preprocessing.MetadataKey) || model.Network.InputShape.Channels != 3)
        {
            return model;
        }

        Preprocessing preprocessing = Preprocessing.ImageNet with { Height = model.Network.InputShape.Height, Width = model.Network.InputShape.Width };
        return new Model(model.Network, model.Weights, model.EmbeddingLayer, model.Metadata.Concat(preprocessing.ToMetadata()).ToDictionary());
    }

    private static Model LoadFile(string path)
    {
        try
        {
            return Model.Load(path);
        }
        catch (ModelFormatException) when (ReadPlain(path) is { } content)
        {
            return content.Metadata.TryGetValue(ArchitectureKey, out string? network)
                ? FromWeights(network, content.Tensors, path)
                : throw new ModelFormatException($"it holds plain tensors and no '{ArchitectureKey}' in its metadata; name their network, as in squeezenet1_1:FILE", path);
        }
    }

    /// <summary>The content of a safetensors file that is no model of ours; null for any other.</summary>
    private static SafetensorsContent? ReadPlain(string path)
    {
        try
        {
            SafetensorsContent content = SafetensorsFile.Read(path);
            return content.Metadata.Keys.Any(key => key.StartsWith(Model.ReservedPrefix, StringComparison.Ordinal)) ? null : content;
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }

    /// <summary>As many classes as the file's last layer has.</summary>
    private static Model FromWeights(string name, StateDict weights, string file)
    {
        if (!ClassifierOptions.Networks.TryGetValue(name, out Func<int, int, Network>? create))
        {
            throw new ArgumentException($"There is no network '{name}'; expected one of {string.Join(", ", ClassifierOptions.Networks.Keys)}.");
        }

        Preprocessing preprocessing = Preprocessing.ImageNet;
        string last = create(2, preprocessing.Width).Parameters[^1].Name;
        int classes = weights.TryGetValue(last, out WeightTensor? tensor) ? tensor.Dimensions[0]
            : throw new ModelFormatException($"no '{last}'; the weights are of another network than '{name}'", file);
        return new Model(create(classes, preprocessing.Width), weights, SqueezeNet.EmbeddingLayer, preprocessing.ToMetadata());
    }
}
