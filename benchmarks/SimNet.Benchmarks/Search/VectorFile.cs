using System.Globalization;
using System.Runtime.InteropServices;

namespace SimNet.Benchmarks;

/// <summary>Raw little-endian numbers, row after row, nothing else: what every tool reads.</summary>
internal static class VectorFile
{
    /// <summary>Reads a file of numbers as they lie.</summary>
    public static T[] Read<T>(string path)
        where T : unmanaged
    {
        using FileStream file = File.OpenRead(path);
        var values = new T[file.Length / Marshal.SizeOf<T>()];
        if (file.Length != values.LongLength * Marshal.SizeOf<T>())
        {
            throw new ArgumentException($"{path}: {file.Length} bytes are not a whole number of {typeof(T).Name}.");
        }

        // One span of bytes holds two gigabytes at most, one of numbers more.
        const int Piece = 1 << 26;
        for (int start = 0; start < values.Length; start += Piece)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(Piece, values.Length - start))));
        }

        return values;
    }

    /// <summary>Writes numbers as they lie.</summary>
    public static void Write<T>(string path, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        using FileStream file = File.Create(path);
        const int Piece = 1 << 26;
        for (int start = 0; start < values.Length; start += Piece)
        {
            file.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Piece, values.Length - start))));
        }
    }

    /// <summary>How many numbers a row has: the last number in the file's name, as in <c>products-512.f32</c>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static int DimensionsByName(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string digits = string.Concat(name.Reverse().SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit).Reverse());
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int dimensions)
            ? dimensions
            : throw new ArgumentException($"{path}: give --dimensions, or a name that ends with them, such as products-512.f32.");
    }
}
