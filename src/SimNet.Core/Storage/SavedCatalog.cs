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
/// A catalog on disk: <c>manifest.json</c> and the three files it names (model, index, products), whose names are new at every save.
/// Renaming the manifest into place is the one step by which a new catalog takes the old one's place.
/// </summary>
internal static partial class SavedCatalog
{
    private const string ManifestName = "manifest.json";
    private const string LockName = ".lock";
    private const long MaxManifestBytes = 1 << 20;
    private const int MostAttempts = 5;
    private const int LockPollMilliseconds = 20;

    public static void Save(SimilarityEngine engine, string path, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(path);
        Directory.CreateDirectory(folder);
        using FileStream turn = TakeTurn(folder, cancellationToken);
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
                Products = Describe(folder, products),
            };
            cancellationToken.ThrowIfCancellationRequested();
            AtomicFile.Write(Path.Combine(folder, ManifestName), stream => JsonSerializer.Serialize(stream, manifest, ManifestJson.Default.CatalogManifest));
        }
        catch
        {
            Remove(folder, name => name == model || name == index || name == products);
            throw;
        }

        // What the manifest does not name any more is of no use, nor is what a save that was killed left half written;
        // another program may still have it mapped, and then it stays.
        Remove(folder, name => (IsCatalogFile(name) && !name.Contains(generation, StringComparison.Ordinal)) || IsLeftover(name));
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
            catch (Exception exception) when (exception is CatalogFormatException or IOException && attempt < MostAttempts && ReadManifest(folder) != manifest)
            {
                // A save came in between and took the files away: its own are there now.
            }
        }
    }

    private static SimilarityEngine Open(string folder, CatalogManifest manifest, EngineOptions options, ILogger logger)
    {
        string modelPath = Check(folder, manifest.Model, options), indexPath = Check(folder, manifest.Index, options);
        string productsPath = Check(folder, manifest.Products, options);
        Model model = Read(modelPath, file => Model.Load(file));
        if (model.Id != manifest.Model.Sha256)
        {
            throw new CatalogFormatException(modelPath, $"is the model {model.Id}; the index was made with {manifest.Model.Sha256}.");
        }

        ProductCatalog products = ReadProducts(productsPath);
        ImageEmbedder? embedder = null;
        IVectorIndex? index = null;
        try
        {
            embedder = Read(modelPath, _ => new ImageEmbedder(model, options.Embedder));

            // The bytes were compared with the manifest's checksum already, or the caller asked not to.
            index = Read(indexPath, file => VectorIndex.Open(file, new IndexOpenOptions { VerifyContents = false }));
            if (index.Dimensions != embedder.Dimensions)
            {
                throw new CatalogFormatException(indexPath, $"has {index.Dimensions} dimensions; the model gives {embedder.Dimensions}.");
            }

            int images = products.Sum(product => product.Images.Length);
            if (index.Count != images)
            {
                throw new CatalogFormatException(indexPath, $"has {index.Count} vectors; the products have {images} images.");
            }

            return new SimilarityEngine(products, embedder, index, logger, new BuildReport(products.Count, images, [], TimeSpan.Zero, TimeSpan.Zero));
        }
        catch
        {
            embedder?.Dispose();
            index?.Dispose();
            throw;
        }
    }

    /// <summary>Waits until no other save, of this process or another, is at work in the folder. The lock lasts as long as the stream.</summary>
    private static FileStream TakeTurn(string folder, CancellationToken cancellationToken)
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
            throw new CatalogFormatException(folder, Directory.Exists(folder) ? $"is no saved catalog: it has no {ManifestName}." : "does not exist; expected the folder of a saved catalog.");
        }

        CatalogManifest manifest = Read(path, file =>
        {
            using FileStream stream = File.OpenRead(file);
            return stream.Length > MaxManifestBytes
                ? throw new CatalogFormatException(file, $"has {stream.Length} bytes; expected at most {MaxManifestBytes}.")
                : JsonSerializer.Deserialize(stream, ManifestJson.Default.CatalogManifest) ?? throw new CatalogFormatException(file, "is null.");
        });
        return manifest.Format != CatalogManifest.FormatName ? throw new CatalogFormatException(path, $"has the format '{manifest.Format}'; expected '{CatalogManifest.FormatName}'.")
            : manifest.Version != CatalogManifest.CurrentVersion ? throw new CatalogFormatException(path, $"has the version {manifest.Version}; this program reads version {CatalogManifest.CurrentVersion}.")
            : manifest;
    }

    /// <summary>Checks one file against the manifest, as far as the options ask, and gives its path.</summary>
    private static string Check(string folder, CatalogFile file, EngineOptions options)
    {
        string manifest = Path.Combine(folder, ManifestName);
        if (!IsCatalogFile(file.Name))
        {
            throw new CatalogFormatException(manifest, $"names the file '{file.Name}'; expected one that a save gives.");
        }

        string path = Path.Combine(folder, file.Name);
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new CatalogFormatException(path, "is missing; the manifest names it.");
        }

        if (info.Length != file.Length)
        {
            throw new CatalogFormatException(path, $"has {info.Length} bytes; the manifest says {file.Length}.");
        }

        if (options.VerifyChecksums && Describe(folder, file.Name).Sha256 is var actual && actual != file.Sha256)
        {
            throw new CatalogFormatException(path, $"has the SHA-256 {actual}; the manifest says {file.Sha256}.");
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
            JsonSerializer.Serialize(stream, new CatalogProduct(
                product.Id,
                [.. product.Images.Select(image => image.FilePath ?? image.Name)],
                [.. product.Images.Select(image => image.FilePath is not null)],
                product.Category,
                product.Attributes.IsEmpty ? null : new SortedDictionary<string, string>(product.Attributes.ToDictionary(), StringComparer.Ordinal)), ProductJson.Default.CatalogProduct);
            stream.WriteByte((byte)'\n');
        }
    }

    private static ProductCatalog ReadProducts(string path) => Read(path, file =>
    {
        var products = new List<Product>();
        foreach (string line in File.ReadLines(file))
        {
            CatalogProduct product = JsonSerializer.Deserialize(line, ProductJson.Default.CatalogProduct)
                ?? throw new CatalogFormatException(file, $"line {products.Count + 1} is null.");
            if (product.Images.Length != product.Files.Length)
            {
                throw new CatalogFormatException(file, $"line {products.Count + 1} has {product.Images.Length} images and {product.Files.Length} marks; expected as many.");
            }

            products.Add(new Product(product.Id, [.. product.Images.Zip(product.Files, ToSource)])
            {
                Category = product.Category,
                Attributes = product.Attributes?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary<string, string>.Empty,
            });
        }

        return new ProductCatalog(products);
    });

    private static ImageSource ToSource(string name, bool isFile) => isFile
        ? ImageSource.FromFile(name)
        : ImageSource.FromStream(name, () => throw new FileNotFoundException($"The image '{name}' was no file when the catalog was saved, so only its name is known."));

    /// <summary>Runs a reader; whatever it finds wrong becomes one kind of exception that names the file.</summary>
    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception exception) when (exception is JsonException or ModelFormatException or IndexFormatException or ArgumentException)
        {
            throw new CatalogFormatException(path, exception.Message, exception);
        }
    }

    private static bool IsCatalogFile(string name) => CatalogFileName().IsMatch(name);

    /// <summary>Whether a file is what writing a catalog's file aside leaves when the process is killed.</summary>
    private static bool IsLeftover(string name) => LeftoverName().IsMatch(name);

    [GeneratedRegex(@"^(model-[0-9a-f]{12}\.safetensors|index-[0-9a-f]{12}\.simnet|products-[0-9a-f]{12}\.jsonl)\z")]
    private static partial Regex CatalogFileName();

    [GeneratedRegex(@"^\.(model-[0-9a-f]{12}\.safetensors|index-[0-9a-f]{12}\.simnet|products-[0-9a-f]{12}\.jsonl|manifest\.json)\.[0-9a-f]{32}\.tmp\z")]
    private static partial Regex LeftoverName();

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
                // Left for the next save to remove.
            }
        }
    }
}
