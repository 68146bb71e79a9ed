using SimNet.Embeddings;

namespace SimNet.Samples.Tests;

/// <summary>A small catalog of drawn product images: one folder for each class.</summary>
internal static class SampleCatalog
{
    private const int Size = 48;

    public static IReadOnlyList<string> Classes { get; } = ["circles", "crosses", "squares"];

    /// <summary>Writes PNG files named <c>CLASS/CLASS-NUMBER.png</c> and returns the folder.</summary>
    public static string Write(string folder, int productsPerClass)
    {
        foreach (string name in Classes)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (int number = 0; number < productsPerClass; number++)
            {
                File.WriteAllBytes(ImagePath(folder, name, number), PngEncoder.Encode(Draw(name, number)));
            }
        }

        return folder;
    }

    public static string ImagePath(string folder, string name, int number) => Path.Combine(folder, name, $"{name}-{number}.png");

    /// <summary>One shape on a white background; its color, size and place depend on the number.</summary>
    private static Image Draw(string name, int number)
    {
        var random = new Random(number);
        byte[] color = [(byte)random.Next(200), (byte)random.Next(200), (byte)random.Next(200)];
        int centerX = random.Next(18, 30), centerY = random.Next(18, 30), radius = random.Next(10, 17);
        var pixels = new byte[Size * Size * 3];
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                int dx = Math.Abs(x - centerX), dy = Math.Abs(y - centerY);
                bool inside = name switch
                {
                    "circles" => (dx * dx) + (dy * dy) <= radius * radius,
                    "crosses" => Math.Min(dx, dy) <= radius / 4 && Math.Max(dx, dy) <= radius,
                    _ => Math.Max(dx, dy) <= radius,
                };
                for (int channel = 0; channel < 3; channel++)
                {
                    pixels[(((y * Size) + x) * 3) + channel] = inside ? color[channel] : (byte)255;
                }
            }
        }

        return new Image(Size, Size, 3, pixels);
    }
}
