using System.Diagnostics;
using System.Text.Json;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>How many real pictures a second one core decodes, and prepares for the autoencoder. Reading the files is not in it.</summary>
internal static class PictureRun
{
    private const int Passes = 7;
    private const int MostPictures = 2000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    public static void Execute(string folder)
    {
        byte[][] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG")
            .Order(StringComparer.Ordinal).Take(MostPictures).Select(File.ReadAllBytes)];
        var preprocessing = new Preprocessing();
        var input = new float[preprocessing.InputShape.Length];
        Report("decode", file => ImageDecoder.Default.Decode(file, ImageDecoderOptions.Default));
        Report("decode, grey, resize to 64x64, normalise", file => preprocessing.Apply(ImageDecoder.Default.Decode(file, ImageDecoderOptions.Default), input));

        void Report(string work, Action<byte[]> action)
        {
            // On one core the compiler waits for seconds before it makes its best code.
            for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < WarmUp;)
            {
                Pass();
            }

            double[] rates = [.. Enumerable.Range(0, Passes).Select(_ => Pass())];

            Array.Sort(rates);
            Console.WriteLine(JsonSerializer.Serialize(new { work, pictures = files.Length, picturesPerSecond = Math.Round(rates[Passes / 2]) }));

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
