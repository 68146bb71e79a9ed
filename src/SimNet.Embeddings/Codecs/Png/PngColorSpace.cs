using System.Buffers.Binary;
using System.IO.Compression;

namespace SimNet.Embeddings;

/// <summary>
/// The chunks of a PNG about its color space, in the order of precedence of W3C PNG, third edition, section 4.3: cICP, iCCP, sRGB, gAMA
/// with cHRM. A chunk that cannot be used gives way to the next.
/// </summary>
internal ref struct PngColorSpace
{
    private const uint CodesType = 0x63494350, ProfileType = 0x69434350, SrgbType = 0x73524742, GammaType = 0x67414D41,
        PrimariesType = 0x6348524D;

    /// <summary>What gAMA contains for 1; 45455 for 1/2.2.</summary>
    private const double GammaUnit = 100_000;

    private ReadOnlySpan<byte> _codes, _profile, _srgb, _gamma, _primaries;

    /// <summary>Whether a chunk is one of those about color.</summary>
    public static bool Knows(uint type) => type is CodesType or ProfileType or SrgbType or GammaType or PrimariesType;

    /// <summary>Takes a chunk.</summary>
    /// <returns>Whether it is the first of its type.</returns>
    public bool Add(uint type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case CodesType:
                return TakeFirst(ref _codes, data);
            case ProfileType:
                return TakeFirst(ref _profile, data);
            case SrgbType:
                return TakeFirst(ref _srgb, data);
            case GammaType:
                return TakeFirst(ref _gamma, data);
            default:
                return TakeFirst(ref _primaries, data);
        }
    }

    /// <summary>Returns the conversion to sRGB.</summary>
    /// <param name="components">The number of components: 1 for gray, 3 for RGB.</param>
    /// <param name="offset">The offset of the first IDAT chunk.</param>
    /// <param name="hasFallback">Whether another decoder can read what this one cannot.</param>
    /// <param name="blemishes">Receives what is ignored.</param>
    /// <returns>The conversion; null if pixels stay as they are.</returns>
    public readonly ColorTransform? Read(int components, int offset, bool hasFallback, BlemishList blemishes)
    {
        if (!_codes.IsEmpty)
        {
            if (_codes is [var primaries, var curve, 0, 1]
                && ColorPrimaries.FromCode(primaries) is { } space && ToneCurve.FromCode(curve) is { } tone)
            {
                return Create(tone, space, components);
            }

            blemishes.Add($"cICP has {Convert.ToHexString(_codes[..Math.Min(_codes.Length, 8)])}, which is not a color space that is known"
                + " of RGB in full range.", offset, "It is ignored.");
        }

        if (!_profile.IsEmpty && ReadProfile(components, offset, hasFallback, blemishes, out ColorTransform? transform))
        {
            return transform;
        }

        return _srgb.Length == 1 || _gamma.IsEmpty ? null : ReadGamma(components, offset, blemishes);
    }

    private static bool TakeFirst(ref ReadOnlySpan<byte> place, ReadOnlySpan<byte> data)
    {
        if (!place.IsEmpty)
        {
            return false;
        }

        place = data;
        return true;
    }

    private static ColorTransform? Create(ToneCurve curve, ColorPrimaries primaries, int components) => components == 1
        ? ColorTransform.ForGray(curve)
        : ColorTransform.ForRgb([curve, curve, curve], primaries.ToConnection());

    private readonly bool ReadProfile(
        int components, int offset, bool hasFallback, BlemishList blemishes, out ColorTransform? transform)
    {
        byte[] bytes = Inflate(_profile);
        IccProfile profile = bytes.Length == 0
            ? new IccProfile(null, HasTables: false, "is damaged: it cannot be decompressed")
            : IccProfile.Read(bytes, components);
        transform = profile.Apply("a PNG image", offset, hasFallback, blemishes);
        return profile.Problem is null;
    }

    /// <summary>
    /// Returns the profile of iCCP (section 11.3.2.3): a name, 0, the method 0, and compressed data; empty if it is damaged.
    /// </summary>
    private static byte[] Inflate(ReadOnlySpan<byte> chunk)
    {
        int end = chunk.IndexOf((byte)0);
        if (end is < 0 or > 79 || chunk.Length < end + 2 || chunk[end + 1] != 0)
        {
            return [];
        }

        ReadOnlySpan<byte> compressed = chunk[(end + 2)..];
        using var stream = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
        try
        {
            // A profile starts with its length.
            Span<byte> start = stackalloc byte[4];
            stream.ReadExactly(start);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(start);
            if (length < start.Length || length > Math.Min(IccProfile.MaxLength, compressed.Length * PngDecoder.LargestRatio))
            {
                return [];
            }

            byte[] profile = new byte[length];
            start.CopyTo(profile);
            stream.ReadExactly(profile.AsSpan(start.Length));
            return profile;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// Reads gAMA and cHRM (sections 11.3.2.1 and 11.3.2.2) as Chromium does: cHRM counts only beside gAMA, and gAMA within 5 % of 1/2.2
    /// means sRGB unless there is cHRM.
    /// </summary>
    private readonly ColorTransform? ReadGamma(int components, int offset, BlemishList blemishes)
    {
        double gamma = _gamma.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(_gamma) / GammaUnit : 0;
        if (gamma is <= 0 or > int.MaxValue / GammaUnit)
        {
            blemishes.Add($"gAMA has {Convert.ToHexString(_gamma[..Math.Min(_gamma.Length, 8)])}; expected a positive number of 4 bytes.",
                offset,
                "It is ignored.");
            return null;
        }

        if (_primaries.IsEmpty)
        {
            return Math.Abs((gamma * 2.2) - 1) <= 0.05 ? null : Create(ToneCurve.Gamma(1 / gamma), ColorPrimaries.Srgb, components);
        }

        double[] place = new double[8];
        for (int i = 0; i < place.Length && _primaries.Length == 32; i++)
        {
            place[i] = BinaryPrimitives.ReadInt32BigEndian(_primaries[(4 * i)..]) / GammaUnit;
        }

        var primaries = new ColorPrimaries(place[0], place[1], place[2], place[3], place[4], place[5], place[6], place[7]);
        if (!primaries.AreValid)
        {
            blemishes.Add("cHRM does not have the chromaticities of a color space.", offset, "It is ignored, and gAMA with it.");
            return null;
        }

        return Create(ToneCurve.Gamma(1 / gamma), primaries, components);
    }
}
