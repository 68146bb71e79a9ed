using System.Globalization;

namespace SimNet.Embeddings.Tests;

/// <summary>Programs that read and write PNG with libpng: Netpbm and ImageMagick.</summary>
internal static class LibpngPrograms
{
    /// <summary>Runs a program on bytes. Skips the test if it is not installed.</summary>
    public static byte[] Run(string program, byte[] input, params string[] arguments)
    {
        (int code, byte[] output, string errors) = ProgramRunner.Convert(program, input, arguments);
        Assert.True(code == 0, $"{program}: {errors}");
        return output;
    }

    /// <summary>Runs convert of ImageMagick on bytes. Skips the test if there is no such program, or another of that name.</summary>
    public static byte[] ImageMagick(byte[] input, params string[] arguments)
    {
        (int code, byte[] version, _) = ProgramRunner.Convert("convert", [], "-version");
        Skip.IfNot(
            code == 0 && System.Text.Encoding.UTF8.GetString(version).Contains("ImageMagick", StringComparison.Ordinal),
            "The program convert is not that of ImageMagick.");
        return Run("convert", input, arguments);
    }

    /// <summary>Reads the samples of a PNG with pngtopnm, and the maximum value of a sample.</summary>
    public static (int Largest, int[] Samples) Read(byte[] png, params string[] arguments)
    {
        byte[] pnm = Run("pngtopnm", png, arguments);
        var fields = new List<string>();
        int at = 0;
        while (fields.Count < (fields is ["P4", ..] ? 3 : 4))
        {
            int end = Array.FindIndex(pnm, at, value => value is (byte)' ' or (byte)'\n');
            fields.Add(System.Text.Encoding.ASCII.GetString(pnm, at, end - at));
            at = end + 1;
        }

        int width = int.Parse(fields[1], CultureInfo.InvariantCulture), height = int.Parse(fields[2], CultureInfo.InvariantCulture);
        if (fields[0] == "P4")
        {
            int stride = (width + 7) / 8;
            return (1, [.. Enumerable.Range(0, width * height)
                .Select(i => 1 - ((pnm[at + (i / width * stride) + (i % width / 8)] >> (7 - (i % width % 8))) & 1))]);
        }

        int largest = int.Parse(fields[3], CultureInfo.InvariantCulture);
        return (largest, largest > 255
            ? [.. pnm[at..].Chunk(2).Select(pair => (pair[0] << 8) + pair[1])]
            : [.. pnm[at..].Select(value => (int)value)]);
    }
}
