using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary><c>images</c>: how many real images per second one thread decodes and prepares for the autoencoder, from memory.</summary>
internal static class ImagesCommand
{
    private const int Passes = 7;

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder of JPEG and PNG files.", HelpName = "DIR" };
        Option<int> count = OptionFactory.Number("--count", "How many images to take at most, the first by name.", 2000);
        Option<int> warmUp = OptionFactory.Number("--warm-up", "Seconds of decoding before the clock starts.", 12, minimum: 0);
        var command = new Command("images", "Decode and prepare the images of a folder, on the calling thread.") { folder, count, warmUp };
        command.SetAction(result =>
            Execute(result.GetRequiredValue(folder), result.GetValue(count), TimeSpan.FromSeconds(result.GetValue(warmUp))));
        return command;
    }

    private static void Execute(string folder, int count, TimeSpan warmUp)
    {
        byte[][] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG")
            .Order(StringComparer.Ordinal).Take(count).Select(File.ReadAllBytes)];
        if (files.Length == 0)
        {
            throw new ArgumentException($"'{folder}' has no JPEG or PNG files.");
        }

        var preprocessing = new Preprocessing();
        var input = new float[preprocessing.InputShape.Length];
        Report("decode", file => ImageDecoder.Default.Decode(file, ImageDecoderOptions.Default));
        Report(
            "decode, grayscale, resize to 64x64, normalize",
            file => preprocessing.Apply(ImageDecoder.Default.Decode(file, ImageDecoderOptions.Default), input));

        void Report(string work, Action<byte[]> action)
        {
            // On one core the JIT compiler takes seconds until its best code runs.
            for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < warmUp;)
            {
                Pass();
            }

            double[] rates = [.. Enumerable.Range(0, Passes).Select(_ => Pass())];
            Array.Sort(rates);
            double imagesPerSecond = Math.Round(rates[Passes / 2]);
            Console.WriteLine(JsonSerializer.Serialize(new { work, images = files.Length, images_per_second = imagesPerSecond }));

            double Pass()
            {
                long start = Stopwatch.GetTimestamp();
                foreach (byte[] file in files)
                {
                    action(file);
                }

                return files.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
    }
}
