using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SimNet.TorchSharp;

/// <summary>Reads what the dynamic loader of Linux says of a library that it does not load.</summary>
internal static partial class LoaderMessage
{
    /// <summary>Tries to load a native library, and explains a failure that an older C or C++ library causes.</summary>
    /// <param name="name">The library's name, without prefix and extension.</param>
    /// <param name="assembly">The assembly that imports it.</param>
    /// <returns>Which version is wanted of which library, which is there, and what to do; null where the library loads or fails otherwise.</returns>
    public static string? FindVersionMismatch(string name, Assembly assembly)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            System.Runtime.InteropServices.NativeLibrary.Load(name, assembly, searchPath: null);
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return Explain(exception.Message, File.Exists, File.ReadAllBytes);
        }
    }

    /// <summary>Explains the loader's message; null where it does not speak of a version.</summary>
    /// <param name="message">Such as <c>/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)</c>.</param>
    /// <param name="exists">Whether a file exists.</param>
    /// <param name="read">A file's bytes.</param>
    public static string? Explain(string message, Func<string, bool> exists, Func<string, byte[]> read)
    {
        Match match = VersionNotFound().Match(message);
        if (!match.Success)
        {
            return null;
        }

        string library = match.Groups["library"].Value, prefix = match.Groups["prefix"].Value, wanted = match.Groups["version"].Value;
        string? newest = exists(library) ? FindNewest(read(library), prefix) : null;
        string origin = prefix.StartsWith("GLIBCXX", StringComparison.Ordinal) || prefix.StartsWith("CXXABI", StringComparison.Ordinal)
            ? "GCC 13's C++ library, as Debian 13, Ubuntu 24.04 and newer have it"
            : "a newer C library";
        return $"{match.Groups["by"].Value} wants version {prefix}{wanted} of {library}, "
            + (newest is null ? "which does not have it" : $"whose newest is {prefix}{newest}")
            + $". Run on a system with {origin}, or put a libstdc++.so.6 that has the version before it on LD_LIBRARY_PATH; "
            + "docs/backends.md tells of a way around it for one that has not.";
    }

    /// <summary>The newest version of a prefix that a library's bytes name, such as <c>3.4.30</c>; null for none.</summary>
    private static string? FindNewest(byte[] library, string prefix) => Regex
        .Matches(Encoding.Latin1.GetString(library), Regex.Escape(prefix) + @"(\d+(?:\.\d+)+)\0")
        .Select(match => Version.Parse(match.Groups[1].Value))
        .Max()?.ToString();

    [GeneratedRegex(@"(?<library>/[^\s:]+): version [`'](?<prefix>[A-Z]+_)(?<version>[\d.]+)' not found \(required by (?<by>[^)]+)\)")]
    private static partial Regex VersionNotFound();
}
