namespace SimNet.Embeddings;

/// <summary>The color space and orientation in the application segments.</summary>
internal sealed class JpegMetadata
{
    private bool _isJfif;
    private int? _adobeTransform;
    private int? _orientation;
    private JpegColorProfile? _profile;

    /// <summary>The Exif orientation in the first Exif segment, 1 to 8; 1 if there is none.</summary>
    public int Orientation => _orientation ?? ExifOrientation.TopLeft;

    /// <summary>Reads APP0: JFIF (ITU T.871, section 10.1).</summary>
    public void ReadApplication0(JpegSegment segment) => _isJfif |= segment.Remaining >= 14 && segment.Rest.StartsWith("JFIF\0"u8);

    /// <summary>Reads APP1: Exif, among others.</summary>
    public void ReadApplication1(JpegSegment segment) => _orientation ??= ExifOrientation.Read(segment.Rest);

    /// <summary>Reads APP2: a part of an ICC profile, among others.</summary>
    public void ReadApplication2(JpegSegment segment) => JpegColorProfile.Add(segment.Rest, segment.Offset, ref _profile);

    /// <summary>Returns the conversion of the pixels to sRGB; null if they stay as they are.</summary>
    /// <param name="components">The number of components.</param>
    /// <param name="hasFallback">Whether another decoder can read what this one cannot.</param>
    /// <param name="blemishes">Receives a profile that is ignored.</param>
    public ColorTransform? ReadProfile(int components, bool hasFallback, BlemishList blemishes) =>
        _profile?.Read(components, hasFallback, blemishes);

    /// <summary>Reads APP14: Adobe Technical Note 5116, section 18. The transform is 0 for none, 1 for YCbCr, 2 for YCCK.</summary>
    public void ReadApplication14(JpegSegment segment)
    {
        if (segment.Remaining >= 12 && segment.Rest.StartsWith("Adobe"u8))
        {
            _adobeTransform = segment.Rest[11];
        }
    }

    /// <summary>Returns the color space; if the file does not specify it, that which libjpeg assumes.</summary>
    public JpegColor Color(JpegFrame frame)
    {
        if (frame.Components.Count == 1)
        {
            return JpegColor.Gray;
        }

        if (frame.Components.Count == 4)
        {
            return _adobeTransform is null or 0 ? JpegColor.Cmyk : JpegColor.Ycck;
        }

        if (_isJfif)
        {
            return JpegColor.YCbCr;
        }

        if (_adobeTransform is not null)
        {
            return _adobeTransform == 0 ? JpegColor.Rgb : JpegColor.YCbCr;
        }

        return (frame.Components[0].Id, frame.Components[1].Id, frame.Components[2].Id) == ('R', 'G', 'B')
            ? JpegColor.Rgb
            : JpegColor.YCbCr;
    }
}
