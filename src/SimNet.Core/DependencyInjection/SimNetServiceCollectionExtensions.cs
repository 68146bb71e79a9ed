using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace SimNet.Core;

/// <summary>Registers a saved catalog in a dependency injection container.</summary>
public static class SimNetServiceCollectionExtensions
{
    /// <summary>
    /// Registers a singleton <see cref="SimilarityEngine"/>, which is opened on first use and disposed with the container, and its embedder
    /// as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of images.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="options">The catalog and how to open it.</param>
    /// <returns>The service collection.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static IServiceCollection AddSimNet(this IServiceCollection services, SimNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.CatalogPath, nameof(options));
        services.TryAddSingleton(provider => SimilarityEngine.Open(options.CatalogPath, options.Engine with
        {
            LoggerFactory = options.Engine.LoggerFactory ?? provider.GetService<ILoggerFactory>(),
        }));

        // The container disposes the embedder as well as the engine that owns it; disposing it twice has no effect.
        services.TryAddSingleton<IEmbeddingGenerator<DataContent, Embedding<float>>>(
            provider => provider.GetRequiredService<SimilarityEngine>().Embedder);
        return services;
    }

    /// <summary>Registers a saved catalog that is opened with the default options.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="catalogPath">The folder of the saved catalog.</param>
    /// <returns>The service collection.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static IServiceCollection AddSimNet(this IServiceCollection services, string catalogPath) =>
        services.AddSimNet(new SimNetOptions { CatalogPath = catalogPath });
}
