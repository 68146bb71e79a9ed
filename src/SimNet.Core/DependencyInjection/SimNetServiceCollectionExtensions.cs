using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace SimNet.Core;

/// <summary>Puts a saved catalog into a dependency injection container.</summary>
public static class SimNetServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="SimilarityEngine"/>, opened when it is first asked for and disposed with the container, and its
    /// embedder as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> for images.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="options">Which catalog, and how to open it.</param>
    public static IServiceCollection AddSimNet(this IServiceCollection services, SimNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.CatalogPath, nameof(options));
        services.TryAddSingleton(provider => SimilarityEngine.Open(options.CatalogPath, options.Engine with
        {
            LoggerFactory = options.Engine.LoggerFactory ?? provider.GetService<ILoggerFactory>(),
        }));

        // Disposing an embedder twice is harmless, so that the container may dispose what it got from the engine.
        services.TryAddSingleton<IEmbeddingGenerator<DataContent, Embedding<float>>>(provider => provider.GetRequiredService<SimilarityEngine>().Embedder);
        return services;
    }

    /// <summary>Registers a saved catalog with the defaults.</summary>
    /// <param name="services">The container.</param>
    /// <param name="catalogPath">The folder of the saved catalog.</param>
    public static IServiceCollection AddSimNet(this IServiceCollection services, string catalogPath) =>
        services.AddSimNet(new SimNetOptions { CatalogPath = catalogPath });
}
