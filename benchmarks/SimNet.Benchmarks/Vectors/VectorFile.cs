using System.Globalization;
using System.Runtime.InteropServices;

namespace SimNet.Benchmarks;

/// <summary>Files of raw little-endian numbers, row after row, without a header: a format that every tool reads.</summary>
internal static class VectorFile
{
    /// <summary>Reads all numbers of a file.</summary>
    /// <exception cref="ArgumentException">The file does not hold whole numbers of this type.</exception>
    public static T[] Read<T>(string path)
        where T : unmanaged
    {
        using FileStream file = File.OpenRead(path);
        var values = new T[file.Length / Marshal.SizeOf<T>()];
        if (file.Length != values.LongLength * Marshal.SizeOf<T>())
        {
            throw new ArgumentException($"{path}: {file.Length} bytes are not a whole number of {typeof(T).Name}.");
        }

        // A span holds two billion elements, so one of bytes is shorter than one of numbers.
        const int Piece = 1 << 26;
        for (int start = 0; start < values.Length; start += Piece)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(Piece, values.Length - start))));
        }

        return values;
    }

    /// <summary>Writes numbers to a file.</summary>
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

    /// <summary>The dimensions of a row: the last number in the file's name, as in <c>products-512.f32</c>.</summary>
    /// <exception cref="ArgumentException">The name has no number.</exception>
    public static int DimensionsByName(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string digits = string.Concat(name.Reverse().SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit).Reverse());
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int dimensions)
            ? dimensions
            : throw new ArgumentException($"{path}: give --dimensions, or let the name end with them, as in products-512.f32.");
    }
}
