using System.Buffers.Binary;

namespace SimNet.Embeddings;

/// <summary>
/// What an ICC profile (ICC.1:2022, and the older ICC.1:2001) makes of an image: profiles of curves, with a matrix for RGB, are converted;
/// those of look-up tables need another decoder.
/// </summary>
/// <param name="Transform">The conversion to sRGB; null if pixels stay as they are.</param>
/// <param name="HasTables">Whether the profile prefers look-up tables, or is of CMYK, which needs them.</param>
/// <param name="Problem">Why the profile cannot be applied, to complete the sentence "The color profile ..."; null if it can.</param>
internal readonly record struct IccProfile(ColorTransform? Transform, bool HasTables, string? Problem)
{
    /// <summary>The size of the largest profile that is read, in bytes; those of printers have 1 to 3 MB.</summary>
    public const int MaxLength = 1 << 23;

    private const int HeaderLength = 128;
    private const uint Rgb = 0x52474220, Gray = 0x47524159, Cmyk = 0x434D594B, Xyz = 0x58595A20, Lab = 0x4C616220;

    private static KnownProfile? _last;

    /// <summary>Reads a profile. The last one is remembered, since most images of a catalog have the same.</summary>
    /// <param name="profile">The whole profile.</param>
    /// <param name="components">The number of components that are stored: 1 for gray, 3 for RGB, 4 for CMYK.</param>
    public static IccProfile Read(ReadOnlySpan<byte> profile, int components)
    {
        KnownProfile? last = Volatile.Read(ref _last);
        if (last is not null && last.Components == components && profile.SequenceEqual(last.Bytes))
        {
            return last.Content;
        }

        IccProfile content = Parse(profile, components);
        Volatile.Write(ref _last, new KnownProfile(profile.ToArray(), components, content));
        return content;
    }

    private static IccProfile Parse(ReadOnlySpan<byte> profile, int components)
    {
        if (profile.Length < HeaderLength + 4 || !profile[36..].StartsWith("acsp"u8))
        {
            return Failed("is damaged: it has no header");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(profile);
        if (length < HeaderLength + 4 || length > profile.Length)
        {
            return Failed($"is damaged: it has {profile.Length} of {length} bytes");
        }

        profile = profile[..(int)length];
        uint space = BinaryPrimitives.ReadUInt32BigEndian(profile[16..]);
        uint connection = BinaryPrimitives.ReadUInt32BigEndian(profile[20..]);
        if (profile[12..].StartsWith("link"u8) || profile[12..].StartsWith("nmcl"u8) || profile[12..].StartsWith("abst"u8)
            || connection is not (Xyz or Lab))
        {
            return Failed("is not one of an image");
        }

        return (space, components) switch
        {
            (Cmyk, 4) => new IccProfile(null, HasTables: true, "has look-up tables"),
            (Rgb, 1 or 3) => ReadRgb(profile, connection, components),
            (Gray, 1) => ReadGray(profile, connection),
            _ => Failed($"is for {PngChunkReader.Name(space).TrimEnd()}; expected one for an image of {components} components"),
        };
    }

    /// <summary>Returns the conversion, or says why there is none.</summary>
    /// <param name="kind">What the image is, with an article.</param>
    /// <param name="offset">The byte offset of the profile, or of what follows it.</param>
    /// <param name="hasFallback">Whether another decoder can read what this one cannot.</param>
    /// <param name="blemishes">Receives a profile that is ignored.</param>
    /// <exception cref="ImageFormatException">The profile has look-up tables, and there is another decoder for them.</exception>
    public ColorTransform? Apply(string kind, long offset, bool hasFallback, BlemishList blemishes)
    {
        if (HasTables && hasFallback)
        {
            throw ImageDecoder.Unsupported($"{kind} with a color profile of look-up tables", offset);
        }

        if (Problem is not null)
        {
            string ending = HasTables ? ", which the decoder of the package SimNet.MagickNet applies" : "";
            blemishes.Add($"The color profile {Problem}{ending}.", offset, "It is ignored.");
        }

        return Transform;
    }

    private static IccProfile ReadRgb(ReadOnlySpan<byte> profile, uint connection, int components)
    {
        bool hasTables = !Find(profile, "A2B0"u8).IsEmpty || !Find(profile, "A2B1"u8).IsEmpty;
        ReadOnlySpan<byte> red = Find(profile, "rTRC"u8), green = Find(profile, "gTRC"u8), blue = Find(profile, "bTRC"u8);
        if (connection != Xyz || red.IsEmpty || green.IsEmpty || blue.IsEmpty)
        {
            return hasTables ? new IccProfile(null, HasTables: true, "has look-up tables") : Failed("is damaged: it has no curves");
        }

        double[] x = ReadXyz(Find(profile, "rXYZ"u8)), y = ReadXyz(Find(profile, "gXYZ"u8)), z = ReadXyz(Find(profile, "bXYZ"u8));
        ToneCurve? redCurve = ToneCurve.FromIcc(red);
        ToneCurve? greenCurve = green.SequenceEqual(red) ? redCurve : ToneCurve.FromIcc(green);
        ToneCurve? blueCurve = blue.SequenceEqual(red) ? redCurve : ToneCurve.FromIcc(blue);
        if (x.Length + y.Length + z.Length != 9 || redCurve is null || greenCurve is null || blueCurve is null)
        {
            return Failed("is damaged: a curve or a color is cut short or of an unknown type");
        }

        ColorTransform? transform = components == 1
            ? ColorTransform.ForGray(greenCurve)
            : ColorTransform.ForRgb(
                [redCurve, greenCurve, blueCurve], new ColorMatrix(x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]));
        return new IccProfile(transform, hasTables, null);
    }

    private static IccProfile ReadGray(ReadOnlySpan<byte> profile, uint connection)
    {
        ToneCurve? curve = ToneCurve.FromIcc(Find(profile, "kTRC"u8));
        if (curve is null)
        {
            return Find(profile, "A2B0"u8).IsEmpty
                ? Failed("is damaged: it has no curve")
                : new IccProfile(null, HasTables: true, "has look-up tables");
        }

        return new IccProfile(ColorTransform.ForGray(connection == Lab ? curve.FromLightness() : curve), HasTables: false, null);
    }

    /// <summary>Returns the data of a tag; empty if there is none, or if it is not within the profile.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> signature)
    {
        uint count = BinaryPrimitives.ReadUInt32BigEndian(profile[HeaderLength..]);
        ReadOnlySpan<byte> tags = profile[(HeaderLength + 4)..];
        for (; count > 0 && tags.Length >= 12; count--, tags = tags[12..])
        {
            if (tags.StartsWith(signature))
            {
                uint offset = BinaryPrimitives.ReadUInt32BigEndian(tags[4..]), length = BinaryPrimitives.ReadUInt32BigEndian(tags[8..]);
                return offset <= profile.Length && length <= profile.Length - offset ? profile.Slice((int)offset, (int)length) : default;
            }
        }

        return default;
    }

    /// <summary>Reads XYZType (ICC.1:2022, 10.31); empty if it is damaged.</summary>
    private static double[] ReadXyz(ReadOnlySpan<byte> tag) => tag.Length >= 20 && tag.StartsWith("XYZ "u8)
        ? [Read(tag[8..]), Read(tag[12..]), Read(tag[16..])]
        : [];

    private static double Read(ReadOnlySpan<byte> number) => BinaryPrimitives.ReadInt32BigEndian(number) / 65536.0;

    private static IccProfile Failed(string problem) => new(null, HasTables: false, problem);

    private sealed record KnownProfile(byte[] Bytes, int Components, IccProfile Content);
}
