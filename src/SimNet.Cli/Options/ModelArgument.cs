using System.Globalization;
using SimNet.Core;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Cli;

/// <summary>
/// Loads the model of <c>--model</c>: <c>default</c> for the model included in the library, a model file, <c>pixels:16</c> for the pixel
/// baseline of a size, or <c>squeezenet1_1:FILE</c> for a network with torchvision weights (only the file if its metadata names the
/// network).
/// </summary>
internal static class ModelArgument
{
    /// <summary>The argument for the model included in the library. A file of that name is <c>./default</c>.</summary>
    public const string Default = "default";

    /// <summary>The metadata key of the network name in a file of plain weights.</summary>
    private const string ArchitectureKey = "architecture";

    public const string Description =
        "default for the model included in the library; a model file, ONNX or safetensors (an ONNX file of another program gets the "
        + "preprocessing of ImageNet models); pixels:SIZE for a baseline that compares the pixels of thumbnails of that size; "
        + "or squeezenet1_1:FILE (squeezenet1_0, esimnet) for ImageNet weights with torchvision's parameter names.";

    public const string MetricDescription = "The metric of the index; Cosine by default for the default model, Euclidean for any other.";

    /// <summary>Creates a builder for an engine with this model. Without a metric, the builder chooses one for the model.</summary>
    public static SimilarityEngineBuilder CreateBuilder(string argument, Metric? metric, ImageEmbedderOptions options)
    {
        SimilarityEngineBuilder builder = SimilarityEngine.CreateBuilder().UseEmbedder(options);
        builder = argument == Default ? builder : builder.UseModel(WithPreprocessing(Load(argument)));
        return metric is Metric given ? builder.UseMetric(given) : builder;
    }

    /// <summary>Loads a model. A model of another program is loaded as it is, without preprocessing.</summary>
    /// <param name="argument">The argument of <c>--model</c>.</param>
    /// <param name="network">
    /// The network whose weights the file contains; <see langword="null"/> if the argument or the file names it.
    /// </param>
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
                : throw new ArgumentException($"'{argument}' is not a pixel baseline; expected pixels:SIZE with a size from 1 to 1024.");
        }

        return ClassifierOptions.Networks.ContainsKey(kind) ? FromWeights(kind, ReadWeights(rest), rest) : LoadFile(argument);
    }

    /// <summary>Reads the weights of a model file of any format, or of a safetensors file of plain tensors.</summary>
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

    /// <summary>
    /// Adds the preprocessing of ImageNet models to a model that does not have any, as models exported by other programs do not.
    /// </summary>
    private static Model WithPreprocessing(Model model)
    {
        if (model.Metadata.ContainsKey(Preprocessing.MetadataKey) || model.Network.InputShape.Channels != 3)
        {
            return model;
        }

        Shape input = model.Network.InputShape;
        Preprocessing preprocessing = Preprocessing.ImageNet with { Height = input.Height, Width = input.Width };
        Dictionary<string, string> metadata = model.Metadata.Concat(preprocessing.ToMetadata()).ToDictionary();
        return new Model(model.Network, model.Weights, model.EmbeddingLayer, metadata);
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
                : throw new ModelFormatException(
                    $"'{ArchitectureKey}' is missing in the metadata of this file of plain tensors; "
                        + "expected it, or the network in the argument, as in squeezenet1_1:FILE",
                    path);
        }
    }

    /// <summary>Reads a safetensors file that is not a model file; returns <see langword="null"/> for any other file.</summary>
    private static SafetensorsContent? ReadPlain(string path)
    {
        try
        {
            SafetensorsContent content = SafetensorsFile.Read(path);
            bool isModel = content.Metadata.Keys.Any(key => key.StartsWith(Model.ReservedPrefix, StringComparison.Ordinal));
            return isModel ? null : content;
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }

    /// <summary>Creates a model whose number of classes is that of the last layer of the file.</summary>
    private static Model FromWeights(string name, StateDict weights, string file)
    {
        if (!ClassifierOptions.Networks.TryGetValue(name, out Func<int, int, Network>? create))
        {
            throw new ArgumentException(
                $"The network '{name}' is unknown; expected one of {string.Join(", ", ClassifierOptions.Networks.Keys)}.");
        }

        Preprocessing preprocessing = Preprocessing.ImageNet;
        string last = create(2, preprocessing.Width).Parameters[^1].Name;
        int classes = weights.TryGetValue(last, out WeightTensor? tensor) ? tensor.Dimensions[0]
            : throw new ModelFormatException($"'{last}' is missing; expected the weights of the network '{name}'", file);
        return new Model(create(classes, preprocessing.Width), weights, SqueezeNet.EmbeddingLayer, preprocessing.ToMetadata());
    }
}
