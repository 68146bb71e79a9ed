using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using SimNet.Embeddings;
using SimNet.Index;
using SimNet.Models;

namespace SimNet.Core;

/// <summary>
/// Saves and opens catalogs. A catalog is a folder with a <c>manifest.json</c> and the three files that it names: the model, the index and
/// the products. Every save uses new file names, so renaming the new manifest over the old one replaces the catalog atomically.
/// </summary>
internal static partial class SavedCatalog
{
    private const string ManifestName = "manifest.json";
    private const string LockName = ".lock";
    private const long MaxManifestBytes = 1 << 20;
    private const int MaxAttempts = 5;
    private const int LockPollMilliseconds = 20;

    public static void Save(SimilarityEngine engine, string path, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(path);
        Directory.CreateDirectory(folder);
        using FileStream lockFile = Lock(folder, cancellationToken);
        string generation = Guid.NewGuid().ToString("N")[..12];
        string model = $"model-{generation}.safetensors", index = $"index-{generation}.simnet", products = $"products-{generation}.jsonl";
        try
        {
            engine.Embedder.Model.Save(Path.Combine(folder, model));
            cancellationToken.ThrowIfCancellationRequested();
            engine.Index.Save(Path.Combine(folder, index));
            cancellationToken.ThrowIfCancellationRequested();
            AtomicFile.Write(Path.Combine(folder, products), stream => WriteProducts(stream, engine.Products));
            var manifest = new CatalogManifest
            {
                Format = CatalogManifest.FormatName,
                Version = CatalogManifest.CurrentVersion,
                Model = Describe(folder, model),
                Index = Describe(folder, index),
                IndexType = engine.IndexType,
                Products = Describe(folder, products),
            };
            cancellationToken.ThrowIfCancellationRequested();
            AtomicFile.Write(
                Path.Combine(folder, ManifestName),
                stream => JsonSerializer.Serialize(stream, manifest, ManifestJson.Default.CatalogManifest));
        }
        catch
        {
            Remove(folder, name => name == model || name == index || name == products);
            throw;
        }

        // Removes the files of the previous catalog, and temporary files that interrupted saves have left. A file that is still mapped by
        // another process may not be removable; a later save removes it.
        Remove(folder, name => (IsCatalogFile(name) && !name.Contains(generation, StringComparison.Ordinal)) || IsTemporaryFile(name));
    }

    public static SimilarityEngine Open(string path, EngineOptions options, ILogger logger)
    {
        string folder = Path.GetFullPath(path);
        for (int attempt = 1; ; attempt++)
        {
            CatalogManifest manifest = ReadManifest(folder);
            try
            {
                return Open(folder, manifest, options, logger);
            }
            catch (Exception exception) when (exception is CatalogFormatException or IOException
                && attempt < MaxAttempts && ReadManifest(folder) != manifest)
            {
                // A concurrent save has replaced the files. Try again with its manifest.
            }
        }
    }

    private static SimilarityEngine Open(string folder, CatalogManifest manifest, EngineOptions options, ILogger logger)
    {
        IVectorIndexFactory factory = FindFactory(folder, manifest, options);
        string modelPath = Check(folder, manifest.Model, options), indexPath = Check(folder, manifest.Index, options);
        string productsPath = Check(folder, manifest.Products, options);
        Model model = Read(modelPath, file => Model.Load(file));
        if (model.Id != manifest.Model.Sha256)
        {
            throw new CatalogFormatException(
                modelPath, $"is the model {model.Id}; the index was built with the model {manifest.Model.Sha256}.");
        }

        ProductCatalog products = ReadProducts(productsPath);
        ImageEmbedder? embedder = null;
        IVectorIndex? index = null;
        try
        {
            embedder = Read(modelPath, _ => new ImageEmbedder(model, options.Embedder));

            // The checksum of the manifest is verified already, unless the options disable it.
            index = Read(indexPath, file => factory.Open(file, new IndexOpenOptions { VerifyContents = false }));
            if (index.Dimensions != embedder.Dimensions)
            {
                throw new CatalogFormatException(
                    indexPath, $"has {index.Dimensions} dimensions; the model computes {embedder.Dimensions}.");
            }

            int images = products.Sum(product => product.Images.Length);
            if (index.Count != images)
            {
                throw new CatalogFormatException(indexPath, $"has {index.Count} vectors; the products have {images} images.");
            }

            var report = new BuildReport(products.Count, images, [], [], TimeSpan.Zero, TimeSpan.Zero, index.EstimatedRecall);
            return new SimilarityEngine(products, embedder, index, manifest.IndexType, logger, report);
        }
        catch
        {
            embedder?.Dispose();
            index?.Dispose();
            throw;
        }
    }

    private static IVectorIndexFactory FindFactory(string folder, CatalogManifest manifest, EngineOptions options)
    {
        if (manifest.IndexType is null)
        {
            return new BuiltInIndexFactory(IndexKind.Auto);
        }

        IVectorIndexFactory[] factories = options.IndexFactories.IsDefault ? [] : [.. options.IndexFactories];
        string names = string.Join(", ", factories.Select(factory => $"'{factory.Name}'").DefaultIfEmpty("none"));
        return Array.Find(factories, factory => factory.Name == manifest.IndexType)
            ?? throw new CatalogFormatException(
                Path.Combine(folder, ManifestName),
                $"needs the index factory '{manifest.IndexType}'; "
                    + $"{nameof(EngineOptions)}.{nameof(EngineOptions.IndexFactories)} contains {names}.");
    }

    /// <summary>
    /// Waits for other saves to the folder, by this process or another, and locks it. Disposing the stream releases the lock.
    /// </summary>
    private static FileStream Lock(string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, LockName);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                cancellationToken.WaitHandle.WaitOne(LockPollMilliseconds);
            }
        }
    }

    private static CatalogManifest ReadManifest(string folder)
    {
        string path = Path.Combine(folder, ManifestName);
        if (!File.Exists(path))
        {
            throw new CatalogFormatException(folder, Directory.Exists(folder)
                ? $"is not a saved catalog; expected a {ManifestName} in it."
                : "does not exist; expected the folder of a saved catalog.");
        }

        CatalogManifest manifest = Read(path, file =>
        {
            using FileStream stream = File.OpenRead(file);
            return stream.Length > MaxManifestBytes
                ? throw new CatalogFormatException(file, $"has {stream.Length} bytes; expected at most {MaxManifestBytes}.")
                : JsonSerializer.Deserialize(stream, ManifestJson.Default.CatalogManifest)
                    ?? throw new CatalogFormatException(file, "is null; expected an object.");
        });
        if (manifest.Format != CatalogManifest.FormatName)
        {
            throw new CatalogFormatException(path, $"has the format '{manifest.Format}'; expected '{CatalogManifest.FormatName}'.");
        }

        return manifest.Version == CatalogManifest.CurrentVersion ? manifest
            : throw new CatalogFormatException(
                path, $"has the version {manifest.Version}; this library reads version {CatalogManifest.CurrentVersion}.");
    }

    /// <summary>Compares a file with its entry in the manifest and returns its path.</summary>
    private static string Check(string folder, CatalogFile file, EngineOptions options)
    {
        string manifest = Path.Combine(folder, ManifestName);
        if (!IsCatalogFile(file.Name))
        {
            throw new CatalogFormatException(manifest, $"has the file name '{file.Name}'; expected a name that a save generates.");
        }

        string path = Path.Combine(folder, file.Name);
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new CatalogFormatException(path, "is in the manifest but does not exist.");
        }

        if (info.Length != file.Length)
        {
            throw new CatalogFormatException(path, $"has {info.Length} bytes; the manifest states {file.Length}.");
        }

        if (options.VerifyChecksums && Describe(folder, file.Name).Sha256 is var actual && actual != file.Sha256)
        {
            throw new CatalogFormatException(path, $"has the SHA-256 {actual}; the manifest states {file.Sha256}.");
        }

        return path;
    }

    private static CatalogFile Describe(string folder, string name)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, name));
        return new CatalogFile(name, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static void WriteProducts(Stream stream, ProductCatalog products)
    {
        foreach (Product product in products)
        {
            var line = new CatalogProduct(
                product.Id,
                [.. product.Images.Select(image => image.FilePath ?? image.Name)],
                [.. product.Images.Select(image => image.FilePath is not null)],
                product.Category,
                product.Attributes.IsEmpty ? null
                    : new SortedDictionary<string, string>(product.Attributes.ToDictionary(), StringComparer.Ordinal));
            JsonSerializer.Serialize(stream, line, ProductJson.Default.CatalogProduct);
            stream.WriteByte((byte)'\n');
        }
    }

    private static ProductCatalog ReadProducts(string path) => Read(path, file =>
    {
        var products = new List<Product>();
        foreach (string line in File.ReadLines(file))
        {
            CatalogProduct product = JsonSerializer.Deserialize(line, ProductJson.Default.CatalogProduct)
                ?? throw new CatalogFormatException(file, $"line {products.Count + 1} is null; expected an object.");
            if (product.Images.Length != product.Files.Length)
            {
                throw new CatalogFormatException(
                    file,
                    $"line {products.Count + 1} has {product.Images.Length} values of 'pictures' and {product.Files.Length} of 'files'; "
                        + "expected equal numbers.");
            }

            products.Add(new Product(product.Id, [.. product.Images.Zip(product.Files, ToSource)])
            {
                Category = product.Category,
                Attributes = product.Attributes?.ToImmutableSortedDictionary(StringComparer.Ordinal)
                    ?? ImmutableSortedDictionary<string, string>.Empty,
            });
        }

        return new ProductCatalog(products);
    });

    private static ImageSource ToSource(string name, bool isFile) => isFile
        ? ImageSource.FromFile(name)
        : ImageSource.FromStream(name, () => throw new FileNotFoundException(
            $"The image '{name}' was not a file when the catalog was saved, so the catalog stores its name only."));

    /// <summary>Reads a file and turns exceptions about its content into a <see cref="CatalogFormatException"/> for the file.</summary>
    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (IndexFormatException exception)
        {
            throw new CatalogFormatException(path, $"{exception.Section}: {exception.Problem}. Build the catalog again.", exception);
        }
        catch (Exception exception) when (exception is JsonException or ModelFormatException or InvalidDataException
            or FormatException or ArgumentException)
        {
            throw new CatalogFormatException(path, exception.Message, exception);
        }
    }

    private static bool IsCatalogFile(string name) => CatalogFileName().IsMatch(name);

    /// <summary>Whether a file is a temporary file of a save, which remains if the process is killed.</summary>
    private static bool IsTemporaryFile(string name) => TemporaryFileName().IsMatch(name);

    private const string FileNames =
        @"model-[0-9a-f]{12}\.safetensors|index-[0-9a-f]{12}\.simnet|products-[0-9a-f]{12}\.jsonl";

    [GeneratedRegex(@"^(" + FileNames + @")\z")]
    private static partial Regex CatalogFileName();

    [GeneratedRegex(@"^\.(" + FileNames + @"|manifest\.json)\.[0-9a-f]{32}\.tmp\z")]
    private static partial Regex TemporaryFileName();

    private static void Remove(string folder, Func<string, bool> matches)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => matches(Path.GetFileName(file))).ToArray())
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next save removes it.
            }
        }
    }
}
