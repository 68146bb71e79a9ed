namespace SimNet.Embeddings;

/// <summary>
/// The ICC profile in the APP2 segments of a JPEG (ICC.1:2022, annex B.4): each has a name, its number from 1, the number of all, and a
/// part.
/// </summary>
internal sealed class JpegColorProfile
{
    private const int PrefixLength = 14;

    private readonly byte[]?[] _parts = new byte[]?[256];
    private readonly int _offset;
    private readonly int _count;
    private int _length;
    private bool _isDamaged;

    private JpegColorProfile(int count, int offset) => (_count, _offset) = (count, offset);

    /// <summary>Takes a segment, if it is a part of a profile.</summary>
    /// <param name="segment">The content of the segment.</param>
    /// <param name="offset">Its byte offset.</param>
    /// <param name="profile">The profile so far; null if this is its first segment.</param>
    public static void Add(ReadOnlySpan<byte> segment, int offset, ref JpegColorProfile? profile)
    {
        if (segment.Length < PrefixLength || !segment.StartsWith("ICC_PROFILE\0"u8))
        {
            return;
        }

        int number = segment[12], count = segment[13];
        profile ??= new JpegColorProfile(count, offset);
        if (number == 0 || number > count || count != profile._count || profile._parts[number] is not null
            || profile._length + segment.Length > IccProfile.MaxLength)
        {
            profile._isDamaged = true;
            return;
        }

        profile._parts[number] = segment[PrefixLength..].ToArray();
        profile._length += segment.Length - PrefixLength;
    }

    /// <summary>Returns the conversion to sRGB; null if pixels stay as they are.</summary>
    /// <param name="components">The number of components: 1 for gray, 3 for RGB, 4 for CMYK.</param>
    /// <param name="hasFallback">Whether another decoder can read what this one cannot.</param>
    /// <param name="blemishes">Receives a profile that is ignored.</param>
    /// <exception cref="ImageFormatException">The profile has look-up tables, and there is another decoder for them.</exception>
    public ColorTransform? Read(int components, bool hasFallback, BlemishList blemishes)
    {
        byte[] whole = new byte[_length];
        int at = 0;
        for (int number = 1; number <= _count; number++)
        {
            _isDamaged |= _parts[number] is null;
            _parts[number]?.CopyTo(whole, at);
            at += _parts[number]?.Length ?? 0;
        }

        IccProfile profile = _isDamaged
            ? new IccProfile(null, HasTables: false, "is damaged: a part of it is missing, or there more than once")
            : IccProfile.Read(whole, components);
        return profile.Apply("a JPEG image", _offset, hasFallback, blemishes);
    }
}
