using System.Runtime.InteropServices;
using SimNet.Embeddings;

namespace SimNet.Benchmarks;

/// <summary>libjpeg-turbo through its TurboJPEG interface (Debian's libturbojpeg0), with its default, accurate inverse DCT.</summary>
internal sealed unsafe partial class TurboJpeg : IDisposable
{
    private const string Library = "libturbojpeg.so.0";
    private const int RgbFormat = 0;
    private const int GrayFormat = 6;

    private readonly nint _handle;

    private TurboJpeg(nint handle) => _handle = handle;

    /// <summary>Opens the library; null if it is not installed.</summary>
    public static TurboJpeg? TryCreate() =>
        NativeLibrary.TryLoad(Library, out _) ? new TurboJpeg(InitDecompress()) : null;

    /// <summary>Decodes an image at the smallest of 1/1, 1/2, 1/4 and 1/8 of its size that is at least twice the target.</summary>
    /// <param name="jpeg">The file.</param>
    /// <param name="target">The width and height that are needed; 0 for the full size.</param>
    /// <param name="isGray">Whether only luma is decoded.</param>
    public Image Decode(byte[] jpeg, int target, bool isGray)
    {
        fixed (byte* source = jpeg)
        {
            Check(DecompressHeader(_handle, source, (nuint)jpeg.Length, out int width, out int height, out _, out _));
            int denominator = 1;
            while (target > 0 && denominator < 8
                && Scaled(width, 2 * denominator) >= 2 * target && Scaled(height, 2 * denominator) >= 2 * target)
            {
                denominator *= 2;
            }

            (width, height) = (Scaled(width, denominator), Scaled(height, denominator));
            int channels = isGray ? 1 : 3;
            byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * channels);
            fixed (byte* destination = pixels)
            {
                Check(Decompress(
                    _handle, source, (nuint)jpeg.Length, destination, width, 0, height, isGray ? GrayFormat : RgbFormat, 0));
            }

            return new Image(width, height, channels, pixels);
        }
    }

    public void Dispose() => _ = Destroy(_handle);

    private static int Scaled(int length, int denominator) => (length + denominator - 1) / denominator;

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException("libjpeg-turbo cannot decode the image.");
        }
    }

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    private static partial int DecompressHeader(
        nint handle, byte* jpeg, nuint length, out int width, out int height, out int subsampling, out int colorSpace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint handle, byte* jpeg, nuint length, byte* pixels, int width, int pitch, int height, int format, int flags);
}
