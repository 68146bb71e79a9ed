using System.CommandLine;
using System.Numerics.Tensors;
using System.Text.Json;
using ImageMagick;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>
/// <c>jpeg</c>: decodes and prepares JPEG files of three sizes, beside libjpeg-turbo and Magick.NET, on the calling thread. The files are
/// mosaics of photos, enlarged, with a little noise, at quality 85 with chroma at half the width and height.
/// </summary>
internal static class JpegCommand
{
    private const int Side = 224;

    private static readonly (int Width, int Height)[] Sizes = [(Side, Side), (1000, 1000), (4000, 3000)];

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder of photos to make the images of.", HelpName = "DIR" };
        Option<int> rounds = OptionFactory.Number("--rounds", "How often each side is measured, in turn.", 15);
        var command = new Command("jpeg", "Decode JPEG files of three sizes, beside libjpeg-turbo and Magick.NET.") { folder, rounds };
        Option<int> agreement = OptionFactory.Number(
            "--agreement", "Instead, the number of photos to embed scaled and at full size, and to compare; 0 for none.", 0, minimum: 0);
        command.Add(agreement);
        command.SetAction(result =>
        {
            if (result.GetValue(agreement) is > 0 and int count)
            {
                Compare(result.GetRequiredValue(folder), count);
            }
            else
            {
                Execute(result.GetRequiredValue(folder), result.GetValue(rounds));
            }
        });
        return command;
    }

    private static void Execute(string folder, int rounds)
    {
        ResourceLimits.Thread = 1;
        using var turbo = TurboJpeg.TryCreate();
        Preprocessing color = Preprocessing.ImageNet;
        Preprocessing gray = new() { Width = Side, Height = Side, Color = ColorMode.Gray, Filter = ResizeFilter.Adaptive };
        foreach ((int width, int height) in Sizes)
        {
            foreach (bool isProgressive in new[] { false, true })
            {
                byte[] jpeg = CreateImage(folder, width, height, isProgressive);
                string image = $"{width}x{height} {(isProgressive ? "progressive" : "baseline")}";
                Report(image, jpeg, "decode", rounds,
                    () => ImageDecoder.Default.Decode(jpeg, ImageDecoderOptions.Default),
                    turbo is null ? null : () => turbo.Decode(jpeg, target: 0, isGray: false),
                    () => Magick(jpeg, target: 0, isGray: false));
                foreach (Preprocessing preprocessing in new[] { color, gray })
                {
                    bool isGray = preprocessing.Color == ColorMode.Gray;
                    ImageDecoderOptions options = preprocessing.ForDecoding(ImageDecoderOptions.Default);
                    Report(image, jpeg, isGray ? "to 224x224 gray" : "to 224x224 RGB", rounds,
                        () => preprocessing.Prepare(ImageDecoder.Default.Decode(jpeg, options)),
                        turbo is null ? null : () => preprocessing.Prepare(turbo.Decode(jpeg, Side, isGray)),
                        () => Magick(jpeg, Side, isGray));
                    if (width > Side)
                    {
                        Report(image, jpeg, isGray ? "to 224x224 gray, at full size" : "to 224x224 RGB, at full size", rounds,
                            () => preprocessing.Prepare(ImageDecoder.Default.Decode(jpeg, ImageDecoderOptions.Default)), null, null);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Embeds photos with the model in the library, decoded at full size and scaled, and counts how many of five recommendations stay when
    /// all images are decoded scaled.
    /// </summary>
    private static void Compare(string folder, int count)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        ImageEmbedder embedder = ImageEmbedder.Default;
        ImageDecoderOptions options = embedder.Preprocessing.ForDecoding(ImageDecoderOptions.Default);
        foreach ((int width, int height) in new[] { (1000, 1000), (1345, 1500), (4000, 3000) })
        {
            int photos = width < 4000 ? count : Math.Max(20, count / 5);
            var full = new float[photos][];
            var scaled = new float[photos][];
            string decoded = "";
            for (int i = 0; i < photos; i++)
            {
                using var photo = new MagickImage(files[(int)((long)i * files.Length / photos)]);
                photo.Resize(new MagickGeometry((uint)width, (uint)height) { IgnoreAspectRatio = true }, FilterType.Lanczos);
                photo.AddNoise(NoiseType.Gaussian, 0.3);
                photo.Quality = 85;
                photo.Settings.SetDefine(MagickFormat.Jpeg, "sampling-factor", "4:2:0");
                byte[] jpeg = photo.ToByteArray(MagickFormat.Jpeg);
                full[i] = embedder.Embed(ImageDecoder.Default.Decode(jpeg, ImageDecoderOptions.Default));
                Image image = ImageDecoder.Default.Decode(jpeg, options);
                decoded = $"{image.Width}x{image.Height}";
                scaled[i] = embedder.Embed(image);
            }

            double[] cosines = [.. full.Select((vector, i) => (double)TensorPrimitives.CosineSimilarity(vector, scaled[i])).Order()];
            int kept = Enumerable.Range(0, photos).Sum(i => Nearest(full, i).Intersect(Nearest(scaled, i)).Count());
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                image = $"{width}x{height}",
                decoded,
                photos,
                cosine_min = Math.Round(cosines[0], 6),
                cosine_median = Math.Round(cosines[photos / 2], 6),
                five_recommendations_kept = Math.Round((double)kept / photos, 3),
            }));
        }

        static IEnumerable<int> Nearest(float[][] vectors, int query) => Enumerable.Range(0, vectors.Length)
            .Where(i => i != query)
            .OrderByDescending(i => TensorPrimitives.CosineSimilarity(vectors[query], vectors[i]))
            .Take(5);
    }

    /// <summary>Measures each side in turn, and reports the medians in milliseconds.</summary>
    private static void Report(string image, byte[] jpeg, string work, int rounds, Action simnet, Action? turbo, Action? magick)
    {
        Action?[] sides = [simnet, turbo, magick];
        var times = new List<double>[sides.Length];
        for (int side = 0; side < sides.Length; side++)
        {
            times[side] = [];

            // On one core the JIT compiler takes a while until its best code runs.
            for (double begin = Milliseconds(); sides[side] is { } warm && Milliseconds() - begin < 1500;)
            {
                warm();
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int side = 0; side < sides.Length; side++)
            {
                if (sides[side] is { } action)
                {
                    // Long enough that the clock and the garbage collector do not matter.
                    int count = 0;
                    double begin = Milliseconds();
                    do
                    {
                        action();
                        count++;
                    }
                    while (Milliseconds() - begin < 30);

                    times[side].Add((Milliseconds() - begin) / count);
                }
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            image,
            kilobytes = jpeg.Length / 1000,
            work,
            simnet_ms = Median(times[0]),
            libjpeg_turbo_ms = Median(times[1]),
            magick_ms = Median(times[2]),
        }));

        // The processor time of all threads: other processes do not count.
        static double Milliseconds() => Environment.CpuUsage.TotalTime.TotalMilliseconds;

        static double? Median(List<double> values)
        {
            values.Sort();
            return values.Count == 0 ? null : Math.Round(values[values.Count / 2], 3);
        }
    }

    private static void Magick(byte[] jpeg, int target, bool isGray)
    {
        var settings = new MagickReadSettings();
        if (target > 0)
        {
            settings.SetDefine(MagickFormat.Jpeg, "size", $"{target}x{target}");
        }

        using var image = new MagickImage(jpeg, settings);
        if (isGray)
        {
            image.Grayscale();
        }

        if (target > 0)
        {
            image.Resize(new MagickGeometry((uint)target, (uint)target) { IgnoreAspectRatio = true }, FilterType.Box);
        }

        using IPixelCollection<byte> pixels = image.GetPixels();
        _ = pixels.ToByteArray(isGray ? "R" : "RGB");
    }

    private static byte[] CreateImage(string folder, int width, int height, bool isProgressive)
    {
        // Twice the size of small photos, so that there are as many details in a pixel as in photos of a camera.
        const uint Tile = 448;
        string[] files = [.. Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            throw new ArgumentException($"'{folder}' has no JPEG files.");
        }

        using var mosaic = new MagickImage(MagickColors.White, (uint)width, (uint)height);
        int next = 0;
        for (int y = 0; y < height; y += (int)Tile)
        {
            for (int x = 0; x < width; x += (int)Tile)
            {
                using var tile = new MagickImage(files[next++ * 37 % files.Length]);
                tile.Resize(new MagickGeometry(Tile, Tile) { IgnoreAspectRatio = true }, FilterType.Lanczos);
                mosaic.Composite(tile, x, y, CompositeOperator.Over);
            }
        }

        MagickNET.SetRandomSeed(1);
        mosaic.AddNoise(NoiseType.Gaussian, 0.3);
        mosaic.Quality = 85;
        mosaic.Settings.Interlace = isProgressive ? Interlace.Jpeg : Interlace.NoInterlace;
        mosaic.Settings.SetDefine(MagickFormat.Jpeg, "sampling-factor", "4:2:0");
        return mosaic.ToByteArray(MagickFormat.Jpeg);
    }
}
