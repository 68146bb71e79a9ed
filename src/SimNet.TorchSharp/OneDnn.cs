using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SimNet.TorchSharp;

/// <summary>oneDNN, the library inside libtorch that computes convolutions on the CPU.</summary>
/// <remarks>
/// On a processor of AMD, oneDNN 3.7 reads the sizes of the caches from CPUID's leaf 0x8000001D. Where a hypervisor hides that leaf, all
/// sizes come out as one byte. oneDNN then copies weights in blocks so small that padding one block overwrites the next, and convolutions
/// whose channels are padded to a multiple of the vector width are wrong. Its kernels for AVX do not pad weights.
/// </remarks>
internal static partial class OneDnn
{
    /// <summary>The variables that limit its instruction sets; the first takes precedence.</summary>
    private static readonly string[] Limits = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

    private static readonly Lazy<bool> Limited = new(() => X86Base.IsSupported && MisreadsCaches(X86Base.CpuId) && Limit());

    /// <summary>
    /// Limits oneDNN to AVX where its other kernels would compute wrong results, unless the environment already sets a limit. oneDNN reads
    /// the limit once, so this must precede the first computation.
    /// </summary>
    /// <returns>Whether oneDNN has been limited, by this call or an earlier one.</returns>
    public static bool AvoidWrongKernels() => Limited.Value;

    /// <summary>Whether oneDNN cannot read the sizes of a processor's caches.</summary>
    /// <param name="identify">CPUID: from a leaf and its subleaf to the registers EAX, EBX, ECX and EDX.</param>
    public static bool MisreadsCaches(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> identify)
    {
        bool isAmd = identify(0, 0).Ecx == MemoryMarshal.Read<int>("cAMD"u8);
        (_, int ways, int sets, _) = identify(unchecked((int)0x8000001D), 0);
        return isAmd && ways == 0 && sets == 0;
    }

    private static bool Limit()
    {
        if (Array.Exists(Limits, name => Environment.GetEnvironmentVariable(name) is not null))
        {
            return false;
        }

        // On Unix, .NET sets variables for itself and for its child processes only; native code does not see them.
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(Limits[0], "AVX");
            return true;
        }

        return SetEnvironmentVariable(Limits[0], "AVX", overwrite: 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
