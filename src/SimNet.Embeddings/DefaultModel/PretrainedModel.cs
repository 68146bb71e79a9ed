using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>The pretrained model embedded in this assembly.</summary>
internal static class PretrainedModel
{
    /// <summary>The name of the resource, a model file.</summary>
    public const string ResourceName = "SimNet.Embeddings.DefaultModel.products.safetensors";

    private static readonly Lazy<Model> LoadedProducts = new(Load);

    /// <summary>Gets the classifier of product images by article type. It is loaded once.</summary>
    public static Model Products => LoadedProducts.Value;

    private static Model Load()
    {
        using Stream stream = typeof(PretrainedModel).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The assembly has no resource '{ResourceName}'.");
        return Model.Load(stream);
    }
}
