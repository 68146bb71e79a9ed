using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;

namespace SimNet.Benchmarks;

/// <summary>
/// What users would take instead, measured by benchmarks/peers/index_peer.cpp, which is compiled here once a library, with g++, and kept in
/// <c>~/.cache/simnet-benchmarks</c>.
/// </summary>
internal static class SearchPeers
{
    // Each library with what its compiler needs and where it comes from.
    private static readonly (string Library, string[] Before, string[] After, string Origin)[] Libraries =
    [
        ("annoy", ["-DANNOY"], [], "its headers in DIR/annoy-node/annoy/src, from the npm package annoy-node"),
        ("hnswlib", ["-DHNSWLIB"], [], "Debian's libhnswlib-dev"),
        ("faiss", ["-DFAISS", "-fopenmp"], ["-lfaiss", "-lopenblas"], "Debian's libfaiss-dev and libopenblas0-pthread"),
        ("flann", ["-DFLANN", "-fopenmp"], ["-lflann_cpp", "-llz4"], "Debian's libflann-dev"),
    ];

    /// <summary>The settings of these peers, all where null, as far as their libraries are here; says on the error stream which are not, and why.</summary>
    /// <param name="folder">Holds Annoy's headers; null for no peers.</param>
    /// <param name="peers">The peers' names, such as <c>faiss-hnsw</c>.</param>
    /// <exception cref="ArgumentException">A name is unknown, or its library is not here.</exception>
    public static List<PeerSetting> Compile(string? folder, string[]? peers)
    {
        if (folder is null)
        {
            return [];
        }

        string source = Path.Combine(AppContext.BaseDirectory, "index_peer.cpp");
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "simnet-benchmarks");
        Directory.CreateDirectory(cache);
        var settings = new List<PeerSetting>();
        foreach ((string library, string[] before, string[] after, string origin) in Libraries)
        {
            if (peers?.Any(peer => peer.StartsWith(library, StringComparison.Ordinal)) == false)
            {
                continue;
            }

            string[] flags = ["-O3", "-march=native", "-std=c++17", "-pthread", "-I", Path.Combine(Path.GetFullPath(folder), "annoy-node", "annoy", "src"), .. before];
            string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', flags) + File.ReadAllText(source))))[..12];
            string program = Path.Combine(cache, $"index_peer-{library}-{key}");
            if (!File.Exists(program))
            {
                try
                {
                    Child.Run("g++", [.. flags, source, "-o", program, .. after]);
                }
                catch (InvalidOperationException failure)
                {
                    string error = failure.Message[Math.Max(0, failure.Message.IndexOf("error:", StringComparison.Ordinal))..].Split('\n')[0];
                    Console.Error.WriteLine($"{library} is left out: it needs {origin}. g++ says: {error}");
                    continue;
                }
                catch (Win32Exception failure)
                {
                    Console.Error.WriteLine($"{library} is left out: it needs g++. {failure.Message}");
                    continue;
                }
            }

            settings.AddRange(Child.Run(program, ["list"]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')).Select(fields => new PeerSetting(program, fields[0], fields[1])));
        }

        return peers is null ? settings : [.. peers.SelectMany(peer => settings.Any(setting => setting.Peer == peer)
            ? settings.Where(setting => setting.Peer == peer)
            : throw new ArgumentException($"'{peer}' is no peer here; these are: {string.Join(", ", settings.Select(setting => setting.Peer).Distinct())}."))];
    }
}
