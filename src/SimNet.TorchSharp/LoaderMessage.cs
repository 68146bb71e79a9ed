using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SimNet.TorchSharp;

/// <summary>Explains error messages of the dynamic loader of Linux.</summary>
internal static partial class LoaderMessage
{
    /// <summary>Tries to load a native library, and explains a failure due to an older C or C++ library.</summary>
    /// <param name="name">The library's name, without prefix and extension.</param>
    /// <param name="assembly">The assembly that imports it.</param>
    /// <returns>
    /// Which library needs which version of which other library, the version found, and what to do; null if the library loads or fails for
    /// another reason.
    /// </returns>
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

    /// <summary>Explains a message of the loader; null if it is not about a version.</summary>
    /// <param name="message">
    /// The message, such as <c>/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)</c>.
    /// </param>
    /// <param name="exists">Returns whether a file exists.</param>
    /// <param name="read">Returns the bytes of a file.</param>
    public static string? Explain(string message, Func<string, bool> exists, Func<string, byte[]> read)
    {
        Match match = VersionNotFound().Match(message);
        if (!match.Success)
        {
            return null;
        }

        string library = match.Groups["library"].Value, prefix = match.Groups["prefix"].Value, required = match.Groups["version"].Value;
        string? newest = exists(library) ? FindNewest(read(library), prefix) : null;
        string origin = prefix.StartsWith("GLIBCXX", StringComparison.Ordinal) || prefix.StartsWith("CXXABI", StringComparison.Ordinal)
            ? "the C++ library of GCC 13 or later, such as Debian 13 or Ubuntu 24.04"
            : "a newer C library";
        return $"{match.Groups["by"].Value} requires version {prefix}{required} of {library}, "
            + (newest is null ? "which does not provide it" : $"whose newest version is {prefix}{newest}")
            + $". Run on a system with {origin}, or put the folder of a libstdc++.so.6 that provides the version first on LD_LIBRARY_PATH. "
            + "docs/backends.md describes a workaround for other systems.";
    }

    /// <summary>The newest version with a prefix that the bytes of a library contain, such as <c>3.4.30</c>; null for none.</summary>
    private static string? FindNewest(byte[] library, string prefix) => Regex
        .Matches(Encoding.Latin1.GetString(library), Regex.Escape(prefix) + @"(\d+(?:\.\d+)+)\0")
        .Select(match => Version.Parse(match.Groups[1].Value))
        .Max()?.ToString();

    [GeneratedRegex(@"(?<library>/[^\s:]+): version [`'](?<prefix>[A-Z]+_)(?<version>[\d.]+)' not found \(required by (?<by>[^)]+)\)")]
    private static partial Regex VersionNotFound();
}
